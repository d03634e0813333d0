import type { Lie } from "./lie.ts";

/**
 * D1–D4, and what is declared of groups and processes: the cells of the table, each changed into a
 * promise that is not kept.
 */
export const declaredLies: readonly Lie[] = [
  {
    lie: "declares several partitions and has one",
    law: "D1 a topic has several partitions",
    says: /^50 keys went to partitions 0$/,
    declares: { partitions: "many" },
    told: () => ({}),
  },
  {
    lie: "declares one partition and reports several",
    law: "D1 a topic has one partition",
    says: /partitions that were reported/,
    told: () => ({
      async publish(honest, ...call) {
        const report = await honest(...call);
        return { ...report, partition: Number(report.offset % 3n) };
      },
    }),
  },
  {
    lie: "declares a larger record than it takes",
    law: "D3 the largest record",
    says: /Record has 1000001 bytes, wanted at most 1000000/,
    declares: { maxRecordBytes: 1_000_001 },
    told: () => ({}),
  },
  {
    lie: "declares a smaller record than it takes",
    law: "D3 the largest record",
    says: /^resolved with .*, wanted a "too_large" error$/,
    declares: { maxRecordBytes: 999_999 },
    told: () => ({}),
  },
  {
    lie: "declares that nothing survives, and keeps it",
    law: "D4 what does not survive its process",
    says: /^resolved with .*, wanted a "unknown_topic" error$/,
    declares: { survivesRestart: false, durable: "process memory", processes: "one" },
    told: () => ({}),
  },
  {
    lie: "declares a synced disk, and that nothing survives",
    law: "D4 what is declared of its records' lives",
    says: /^held by synced disk, survives: false$/,
    declares: { survivesRestart: false },
    told: () => ({}),
  },
  {
    lie: "declares this process's memory, and that all survives",
    law: "D4 what is declared of its records' lives",
    says: /^held by process memory, survives: true$/,
    declares: { durable: "process memory" },
    told: () => ({}),
  },
  {
    lie: "declares this process's memory for many processes",
    law: "D4 what is declared of its records' lives",
    says: /^another process cannot reach this one's memory$/,
    declares: { durable: "process memory", survivesRestart: false },
    told: () => ({}),
  },
  {
    lie: "declares that members share, and lets them stand by",
    law: "G2 members share the partitions",
    says: /^members do not share after \d+ rounds: partition 0 is member \d's$/,
    isSilent: true,
    declares: { groupMembers: "share" },
    told: () => ({}),
  },
];
