/** Mutants of the Kafka publisher. */
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const publishingInTrouble = (test: string): Killer => ({
  file: "tests/adapters/kafka/publisher_in_trouble_test.ts",
  test,
});
const publishing = (test: string): Killer => ({
  file: "tests/adapters/kafka/publisher_test.ts",
  test,
});
const batches = (test: string): Killer => ({
  file: "tests/adapters/kafka/encode_batch_test.ts",
  test,
});
const hash = (test: string): Killer => ({
  file: "adapters/queue/kafka/wire/key_partition_test.ts",
  test,
});
const kafkaFaults = (test: string): Killer => ({
  file: "adapters/queue/kafka/driver/fault_test.ts",
  test,
});

/**
 * What goes wrong around the partitions of the Kafka publisher. Paths from the project's folder.
 */
export const publisherMutants: readonly Mutant[] = [
  {
    name: "newer sent before what waits for its partition",
    file: "adapters/queue/kafka/produce/topic_intake.ts",
    from: "count === undefined || pending.length > 0",
    to: "count === undefined",
    killer: publishingInTrouble(
      "what is published at the moment when partitions become known comes behind what waits",
    ),
  },
  {
    name: "no time-out while partitions are not known",
    file: "adapters/queue/kafka/produce/topic_intake.ts",
    from: "if (pending.includes(held)) {",
    to: "if (held.moves < 0) {",
    killer: publishingInTrouble("what was given up leaves its room to others"),
  },
  {
    name: "given up backwards while partitions are not known",
    file: "adapters/queue/kafka/produce/topic_intake.ts",
    from: "    for (const held of pending.splice(0)) giveUp(held",
    to: "    for (const held of pending.splice(0).reverse()) giveUp(held",
    killer: publishingInTrouble(
      "while partitions are not known, records wait in order; asking is paced; closing gives them back",
    ),
  },
  {
    name: "sent backwards when partitions become known",
    file: "adapters/queue/kafka/produce/topic_intake.ts",
    from: "for (const held of pending.splice(0)) dispatch",
    to: "for (const held of pending.splice(0).reverse()) dispatch",
    killer: publishing("repeats a failed request unchanged, after a pause, until it succeeds"),
  },
  {
    name: "asked again at once where access is refused",
    file: "adapters/queue/kafka/produce/topic_intake.ts",
    from: "          await wait;\n          const told",
    to: "          const told",
    killer: publishing("wrong credentials are told at once, and tried again with patience"),
  },
  {
    name: "closing forgets what waits for its partition",
    file: "adapters/queue/kafka/produce/topic_intake.ts",
    from: "    abandon(code, message) {\n      reject(code, message);\n",
    to: "    abandon(code, message) {\n",
    killer: publishingInTrouble(
      "while partitions are not known, records wait in order; asking is paced; closing gives them back",
    ),
  },
  {
    name: "all records without a key in one partition",
    file: "adapters/queue/kafka/produce/topic_intake.ts",
    from: "senderOf(partition).batch === batch",
    to: "batch >= 0",
    killer: publishingInTrouble(
      "records without a key go to another partition with the next batch",
    ),
  },
  {
    name: "tombstone sent as an empty value",
    file: "adapters/queue/kafka/wire/encode_batch.ts",
    from: "    out[at] = 1;\n    return at + 1;",
    to: "    out[at] = 0;\n    return at + 1;",
    killer: batches(
      "reads back as it was: null and empty, order of headers, timestamps of all sizes",
    ),
  },
  {
    name: "batch without its number",
    file: "adapters/queue/kafka/wire/encode_batch.ts",
    from: "view.setInt32(53, first)",
    to: "view.setInt32(53, -1)",
    killer: batches("bears the numbers of an idempotent producer"),
  },
  {
    name: "timestamps counted from the first record",
    file: "adapters/queue/kafka/wire/encode_batch.ts",
    from: "if (timestamp < least) least = timestamp;",
    to: "if (least === Infinity) least = timestamp;",
    killer: batches(
      "reads back as it was: null and empty, order of headers, timestamps of all sizes",
    ),
  },
  {
    name: "numbers of 32 bits in a batch",
    file: "adapters/queue/kafka/wire/encode_batch.ts",
    from: "value = Math.floor(value / 128);",
    to: "value >>>= 7;",
    killer: batches(
      "reads back as it was: null and empty, order of headers, timestamps of all sizes",
    ),
  },
  {
    name: "partition by the hash's absolute value",
    file: "adapters/queue/kafka/wire/key_partition.ts",
    from: "(murmur2(key) & 0x7fffffff) % count",
    to: "Math.abs(murmur2(key)) % count",
    killer: hash("chooses a partition from the hash without its sign"),
  },
  {
    name: "partition by the unsigned hash",
    file: "adapters/queue/kafka/wire/key_partition.ts",
    from: "(murmur2(key) & 0x7fffffff) % count",
    to: "(murmur2(key) >>> 0) % count",
    killer: hash("chooses a partition from the hash without its sign"),
  },
  {
    name: "hash shifted with its sign",
    file: "adapters/queue/kafka/wire/key_partition.ts",
    from: "h ^= h >>> 13;",
    to: "h ^= h >> 13;",
    killer: hash("gives what the Java client gives"),
  },
  {
    name: "unknown code is poison",
    file: "adapters/queue/kafka/driver/protocol_codes.ts",
    from: '  name: "unknown to this program",\n  fault: "unknown"',
    to: '  name: "unknown to this program",\n  fault: "invalid_record"',
    killer: kafkaFaults(
      "are the record's own for three codes only, whatever brokers come to answer",
    ),
  },
  {
    name: "unknown error is poison",
    file: "adapters/queue/kafka/driver/fault.ts",
    from: 'return found ?? "unknown"',
    to: 'return found ?? "invalid_record"',
    killer: kafkaFaults(
      "are unknown where nobody knows them: retried, and never the record's fault",
    ),
  },
  {
    name: "missing rights told as the record's fault",
    file: "adapters/queue/kafka/driver/fault.ts",
    from: 'unauthorized: { code: "unauthorized"',
    to: 'unauthorized: { code: "invalid_record"',
    killer: kafkaFaults(
      "are the record's own for three codes only, whatever brokers come to answer",
    ),
  },
  {
    name: "missing right to the topic is poison",
    file: "adapters/queue/kafka/driver/protocol_codes.ts",
    from: '    "TOPIC_AUTHORIZATION_FAILED",\n    "unauthorized"',
    to: '    "TOPIC_AUTHORIZATION_FAILED",\n    "invalid_record"',
    killer: kafkaFaults(
      "are the record's own for three codes only, whatever brokers come to answer",
    ),
  },
  {
    name: "too few replicas are poison",
    file: "adapters/queue/kafka/driver/protocol_codes.ts",
    from: '"NOT_ENOUGH_REPLICAS", "not_now"',
    to: '"NOT_ENOUGH_REPLICAS", "invalid_record"',
    killer: kafkaFaults(
      "are the record's own for three codes only, whatever brokers come to answer",
    ),
  },
  {
    name: "lost connection taken for not standing",
    file: "adapters/queue/kafka/driver/fault.ts",
    from: 'connection: { code: "unavailable", mayStand: true }',
    to: 'connection: { code: "unavailable", mayStand: false }',
    killer: kafkaFaults(
      "leave it open whether a record stands, unless nothing was sent or the broker says that it does not",
    ),
  },
  {
    name: "request without an answer taken for not standing",
    file: "adapters/queue/kafka/driver/fault.ts",
    from: 'timeout: { code: "timeout", mayStand: true }',
    to: 'timeout: { code: "timeout", mayStand: false }',
    killer: kafkaFaults(
      "leave it open whether a record stands, unless nothing was sent or the broker says that it does not",
    ),
  },
  {
    name: "unconfirmed taken for not standing",
    file: "adapters/queue/kafka/driver/fault.ts",
    from: 'unconfirmed: { code: "unavailable", mayStand: true }',
    to: 'unconfirmed: { code: "unavailable", mayStand: false }',
    killer: kafkaFaults(
      "leave it open whether a record stands, unless nothing was sent or the broker says that it does not",
    ),
  },
  {
    name: "refused password told as brokers that are away",
    file: "adapters/queue/kafka/driver/fault.ts",
    from: 'if (fault === "unauthorized" || fault === "unsupported") return fault;',
    to: "",
    killer: kafkaFaults("are found behind whatever wraps them"),
  },
  {
    name: "held bytes without bound",
    file: "adapters/queue/kafka/produce/held_record.ts",
    from: "heldBytes + bytes > maxBytes",
    to: "heldBytes < 0",
    killer: publishing("rejects with full beyond maxBytes, and takes again when there is room"),
  },
  {
    name: "record over the limit sent",
    file: "adapters/queue/kafka/produce/publisher.ts",
    from: "    validateSize(topic, size, options.maxRecordBytes);\n",
    to: "",
    killer: publishingInTrouble("a record over the limit is refused before anything is sent"),
  },
  {
    name: "leader never asked for again",
    file: "adapters/queue/kafka/produce/produce_request.ts",
    from: "        leaders.forget(topic);\n",
    to: "",
    killer: publishing(
      "a topic that vanishes under the publisher is made again, and nothing is lost",
    ),
  },
  {
    name: "request without an answer left beside its repeat",
    file: "adapters/queue/kafka/produce/produce_request.ts",
    from: "        if (error instanceof KafkaDeadlineError) connections.drop();\n",
    to: "",
    killer: publishingInTrouble(
      "a request without an answer ends with its connections before it is repeated",
    ),
  },
  {
    name: "partition that is gone waited for",
    file: "adapters/queue/kafka/produce/produce_request.ts",
    from: "  if (!found.has(partition)) throw partitionGone(topic, partition, found.size);\n",
    to: "",
    killer: publishing(
      "a topic that is made again with fewer partitions gives back what can not be sent, without a delivery time-out",
    ),
  },
  {
    name: "requests keep their place when they are answered",
    file: "adapters/queue/kafka/produce/produce_request.ts",
    from: "        leave();\n",
    to: "",
    killer: publishingInTrouble(
      "not more than 64 requests are under way, and each makes room for the next",
    ),
  },
  {
    name: "requests without bound",
    file: "adapters/queue/kafka/produce/produce_request.ts",
    from: "if (free > 0) {",
    to: "if (free > -1e9) {",
    killer: publishingInTrouble(
      "not more than 64 requests are under way, and each makes room for the next",
    ),
  },
  {
    name: "closing leaves records without an answer",
    file: "adapters/queue/kafka/produce/publisher.ts",
    from:
      '      for (const intake of intakes.values()) intake.abandon("closed", "Log was closed");\n',
    to: "",
    killer: publishing(
      "closing rejects what is left: closed, or outcome_unknown where it may stand",
    ),
  },
  {
    name: "closing waits for company",
    file: "adapters/queue/kafka/produce/publisher.ts",
    from: "    for (const intake of intakes.values()) intake.flush();\n",
    to: "",
    killer: publishingInTrouble("closing sends at once what waits for company"),
  },
  {
    name: "takes records after closing",
    file: "adapters/queue/kafka/produce/publisher.ts",
    from: "if (closing !== undefined) throw",
    to: "if (closing === null) throw",
    killer: publishingInTrouble(
      "while partitions are not known, records wait in order; asking is paced; closing gives them back",
    ),
  },
  {
    name: "empty key taken for none",
    file: "adapters/queue/kafka/produce/publisher.ts",
    from: "key === undefined ? null : encodeKey(key)",
    to: "key === undefined || key.length === 0 ? null : encodeKey(key)",
    killer: publishingInTrouble("an empty key is a key"),
  },
];
