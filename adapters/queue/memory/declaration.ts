/** What the program knows of the memory log; loads none of it. */
import type { LogGuarantees } from "../../../src/ports/log_guarantees.ts";
import { declareQueue } from "../../../src/ports/queue_declaration.ts";
import { wholeNumber } from "../../../src/ports/setting.ts";

export const guarantees: LogGuarantees = {
  durable: "process memory",
  survivesRestart: false,
  order: "topic",
  partitions: "one",
  processes: "one",
  groupMembers: "stand by",
  replay: true,
  maxRecordBytes: 1_000_000,
  needs: "nothing",
};

const place = "the memory of the service";

export const memoryQueue = declareQueue({
  guarantees,
  place,
  section: {
    max_records: wholeNumber(1, 100_000_000, 100_000, "records"),
    max_bytes: wholeNumber(1024, 2 ** 40, 64 * 2 ** 20, "bytes"),
  },
  permissions: () => [],
  async open({ max_records: maxRecords, max_bytes: maxBytes }, options) {
    const { openMemoryLog }: typeof import("./memory_log.ts") = await import(
      import.meta.resolve("./memory_log.ts")
    );
    return openMemoryLog({ ...options, maxRecords, maxBytes });
  },
  probe: () => ({ name: "queue", run: () => Promise.resolve(`events live in ${place}`) }),
});
