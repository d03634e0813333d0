/** Lies of logs with several partitions: D1, P6, G2, G13. */
import type { RecordBatch } from "../../../src/ports/event_source.ts";
import { batching, through } from "./distort.ts";
import type { Lie } from "./lie.ts";

const share = "G2 members share the partitions";
const ofOne = "G13 a batch is of its topic and of one partition";
const several = "D1 a topic has several partitions";

const honest = () => ({});

/** Logs with several partitions that divide them otherwise than they should. */
export const sharingLies: readonly Lie[] = [
  {
    lie: "spreads a key over its partitions",
    law: several,
    says: /^key "k\d+" was of partition \d/,
    division: { partitionOf: (_, n) => n % 3 },
    told: honest,
  },
  {
    lie: "puts every key into one partition",
    law: several,
    says: /^50 keys went to partitions 2$/,
    division: { partitionOf: () => 2 },
    told: honest,
  },
  {
    lie: "loses the order of a key over its partitions",
    law: "P6 records of a key keep the order",
    says: /^missing: "\d+"; "\d+" came in its place$/,
    division: { partitionOf: (_, n) => n % 3 },
    told: honest,
  },
  {
    lie: "declares the order of a topic and keeps that of keys",
    law: "P6 all records of a topic keep the order",
    says: /^missing: "v\d+"; "v\d+" came in its place$/,
    declares: { order: "topic" },
    division: {},
    told: honest,
  },
  {
    lie: "declares one partition and has several",
    law: "D1 a topic has one partition",
    says: /partitions that were reported/,
    declares: { partitions: "one" },
    division: {},
    told: honest,
  },
  {
    lie: "gives each member every partition",
    law: "G2 two members of a group",
    says: /^came twice: "v\d+"/,
    division: { has: () => true, isExclusive: false },
    told: honest,
  },
  {
    lie: "gives one partition to two members",
    law: share,
    says: /^members do not share after \d+ rounds: /,
    isSilent: true,
    division: {
      has: (member, partition, members) => partition === 0 || partition % members === member,
      isExclusive: false,
    },
    told: honest,
  },
  {
    lie: "leaves all partitions with the first member",
    law: share,
    says: /^members do not share after \d+ rounds: /,
    isSilent: true,
    division: { has: (member) => member === 0 },
    told: honest,
  },
  {
    lie: "leaves a partition without a member",
    law: "P9 three publishers and three consumers",
    says: /^missing: .*nothing came for/,
    isSilent: true,
    division: {
      has: (member, partition, members) => partition < 2 && partition % members === member,
    },
    told: honest,
  },
  {
    lie: "declares that members stand by, and lets them share",
    law: "G2 while a member is active the others wait",
    says: /^Member has left topic "1", so it cannot commit$/,
    declares: { groupMembers: "stand by" },
    division: { partitionOf: () => 1 },
    told: honest,
  },
  {
    lie: "names one partition for all batches",
    law: ofOne,
    says: /^"k\d+", offset \d+, came as of partition 0/,
    division: {},
    told: () => batching((batch) => ({ ...batch, partition: 0 })),
  },
  {
    lie: "mixes partitions in a batch",
    law: ofOne,
    says: /^"k\d+", offset \d+, came as of partition \d/,
    division: {},
    told: () => ({
      subscribe: (honest, topic, options) =>
        through(honest(topic, options), async function* (batches) {
          let held: RecordBatch | undefined;
          for await (const batch of batches) {
            if (held === undefined) held = batch;
            else yield { ...batch, records: [...held.records, ...batch.records] };
          }
        }),
    }),
  },
  {
    lie: "counts offsets over all partitions when it is told to start at one",
    law: "G11 an offset counts in each partition",
    says: /^missing: |^came though/,
    division: {},
    told: () => ({
      subscribe: (honest, topic, { from = "latest", ...options }) =>
        honest(topic, {
          ...options,
          from: typeof from === "object" && "offset" in from ? { offset: from.offset / 3n } : from,
        }),
    }),
  },
];
