import type { LogGuarantees } from "../../../src/ports/log_guarantees.ts";
import { connectsTo } from "../../../src/ports/needed_permission.ts";
import { declareQueue } from "../../../src/ports/queue_declaration.ts";
import { addresses, wholeNumber } from "../../../src/ports/setting.ts";

export const guarantees: LogGuarantees = {
  durable: "process memory",
  survivesRestart: false,
  order: "topic",
  partitions: "one",
  processes: "one",
  groupMembers: "stand by",
  replay: true,
  maxRecordBytes: 1_000_000,
  needs: "a toy server",
};

export const toyQueue = declareQueue({
  guarantees,
  place: "a toy server",
  section: {
    servers: addresses("localhost:7007"),
    window_bytes: wholeNumber(1024, 2 ** 30, 2 ** 20, "bytes"),
  },
  environment: { MQ_TOY_SERVERS: "servers" },
  permissions: ({ servers }) => servers.map((server) => connectsTo("servers", server)),
  facts: ({ servers }) => ({ servers }),
  async open({ servers }, options) {
    const { openToyLog } = await import("./toy_log.ts");
    return openToyLog({ ...options, address: servers[0] ?? "" });
  },
  probe: ({ servers }) => ({
    name: "toy server",
    async run() {
      const [, hostname = "", port = ""] = /^(.*):(\d+)$/.exec(servers[0] ?? "") ?? [];
      using _ = await Deno.connect({ hostname, port: Number(port) });
      return "answers";
    },
  }),
  remote: {
    peer: "the toy server",
    address: ({ servers }) => servers.join(", "),
    windowBytes: ({ window_bytes }) => window_bytes,
  },
});
