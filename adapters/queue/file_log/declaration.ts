/** What the program knows of the file log; loads none of it. */
import type { LogGuarantees } from "../../../src/ports/log_guarantees.ts";
import { keepsFilesIn } from "../../../src/ports/needed_permission.ts";
import { readByOthers } from "../../../src/ports/own_file.ts";
import { declareQueue } from "../../../src/ports/queue_declaration.ts";
import { flag, groups, path, wholeNumber } from "../../../src/ports/setting.ts";

export const guarantees: LogGuarantees = {
  durable: "synced disk",
  survivesRestart: true,
  order: "topic",
  partitions: "one",
  processes: "many",
  groupMembers: "stand by",
  replay: true,
  maxRecordBytes: 1_000_000,
  needs: "a directory on a local disk",
};

const hourMs = 3_600_000;

export const fileQueue = declareQueue({
  guarantees,
  place: "files on this machine",
  section: {
    directory: path("data/queue"),
    segment_bytes: wholeNumber(65_536, 2 ** 31, 64 * 2 ** 20, "bytes"),
    max_bytes: wholeNumber(2 ** 20, 2 ** 50, 10 * 2 ** 30, "bytes"),
    max_age_hours: wholeNumber(1, 1_000_000, 168, "hours"),
    keep_delivered_hours: wholeNumber(0, 1_000_000, 24, "hours"),
    required_groups: groups(),
    retain_past_groups: flag(false),
    reserve_bytes: wholeNumber(0, 2 ** 50, 64 * 2 ** 20, "bytes"),
    skip_corrupt: flag(false),
  },
  permissions: ({ directory }) => keepsFilesIn("directory", directory),
  *cautions({ directory }) {
    const caution = readByOthers([directory]);
    if (caution !== undefined) yield caution;
  },
  facts: ({ directory }) => ({ directory }),
  async open(values, options) {
    const { openFileLogOfShop }: typeof import("./file_log_of_shop.ts") = await import(
      import.meta.resolve("./file_log_of_shop.ts")
    );
    return await openFileLogOfShop({
      ...options,
      directory: values.directory,
      segmentBytes: values.segment_bytes,
      maxBytes: values.max_bytes,
      maxAgeMs: values.max_age_hours * hourMs,
      keepDeliveredMs: values.keep_delivered_hours * hourMs,
      requiredGroups: [...new Set([...values.required_groups, ...options.requiredGroups])],
      retainPastGroups: values.retain_past_groups,
      reserveBytes: values.reserve_bytes,
      skipCorrupt: values.skip_corrupt,
    });
  },
  probe: (values, { topic, topicPolicy, clock }) => ({
    name: "file log",
    async run() {
      const { openFileLogTools }: typeof import("./operate/log_tools.ts") = await import(
        import.meta.resolve("./operate/log_tools.ts")
      );
      const { lookAtTopic }: typeof import("./look_at_topic.ts") = await import(
        import.meta.resolve("./look_at_topic.ts")
      );
      const { denoDisk }: typeof import("./disk/deno_disk.ts") = await import(
        import.meta.resolve("./disk/deno_disk.ts")
      );
      const { directory } = values;
      return await lookAtTopic(await openFileLogTools({ directory, clock }), topic, {
        directory,
        topicPolicy,
        maxBytes: values.max_bytes,
        requiredGroups: values.required_groups,
        retainPastGroups: values.retain_past_groups,
        reserveBytes: values.reserve_bytes,
        freeBytes: denoDisk.freeBytes,
      });
    },
  }),
  files: {
    directory: ({ directory }) => directory,
    requiredGroups: ({ required_groups }) => required_groups,
    async openTools(directory, clock) {
      const { openFileLogTools }: typeof import("./operate/log_tools.ts") = await import(
        import.meta.resolve("./operate/log_tools.ts")
      );
      return await openFileLogTools({ directory, clock });
    },
    async openLedger(directory, clock) {
      const { openFileLogLedger }: typeof import("./operate/log_ledger.ts") = await import(
        import.meta.resolve("./operate/log_ledger.ts")
      );
      return openFileLogLedger({ directory, clock });
    },
  },
});
