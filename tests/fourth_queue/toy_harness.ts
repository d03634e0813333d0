import type { EventLogHarness } from "../contracts/event_log_harness.ts";
import { startToyServer } from "./toy_server.ts";
import { guarantees } from "./toy/declaration.ts";
import { openToyLog } from "./toy/toy_log.ts";

export const toyHarness: EventLogHarness = {
  guarantees,
  prepare() {
    const server = startToyServer();
    const address = `127.0.0.1:${server.port}`;
    return Promise.resolve({
      open: (options = {}) => Promise.resolve(openToyLog({ ...options, address })),
      topic: (stem) => stem,
      group: (stem) => stem,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    });
  },
};
