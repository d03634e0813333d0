/** Mutants of what sends to one partition. */
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const publishing = (test: string): Killer => ({
  file: "tests/adapters/kafka/publisher_test.ts",
  test,
});
const publishingInTrouble = (test: string): Killer => ({
  file: "tests/adapters/kafka/publisher_in_trouble_test.ts",
  test,
});
const idempotence = (test: string): Killer => ({
  file: "tests/adapters/kafka/idempotent_publisher_test.ts",
  test,
});
const times = (test: string): Killer => ({
  file: "tests/adapters/kafka/record_times_test.ts",
  test,
});
const numbers = (test: string): Killer => ({
  file: "adapters/queue/kafka/produce/producer_sequence_test.ts",
  test,
});

/** What goes wrong before one partition of a topic. Paths from the project's folder. */
export const senderMutants: readonly Mutant[] = [
  {
    name: "two requests under way for a partition",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "      await deliver(outstanding);\n",
    to: "      void deliver(outstanding);\n",
    killer: publishing(
      "gathers while a request is under way, and sends what has gathered as one batch",
    ),
  },
  {
    name: "newer sent beside what was given up",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "    waiting = [];\n    waitingBytes = 0;\n",
    to: "    waiting = [];\n    waitingBytes = 0;\n    running = undefined;\n",
    killer: publishing(
      "gives up everything of the partition after the delivery time-out, in order",
    ),
  },
  {
    name: "repeated batch takes in what came meanwhile",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "      failures++;\n",
    to:
      "      failures++;\n      outstanding.push(...waiting.splice(0));\n      encoded = undefined;\n",
    killer: publishing("repeats a failed request unchanged, after a pause, until it succeeds"),
  },
  {
    name: "pause before a repeat cut short by a new record",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "if (failures === 0 && isWorthSending()) woken.notify();",
    to: "woken.notify();",
    killer: publishingInTrouble(
      "the pause before a repeated request is not cut short by what comes meanwhile",
    ),
  },
  {
    name: "rest of the partition not given up",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "const all = [...outstanding, ...waiting];",
    to: "const all = [...outstanding];",
    killer: publishing(
      "gives up everything of the partition after the delivery time-out, in order",
    ),
  },
  {
    name: "given up out of order",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "const all = [...outstanding, ...waiting];",
    to: "const all = [...waiting, ...outstanding];",
    killer: publishing(
      "gives up everything of the partition after the delivery time-out, in order",
    ),
  },
  {
    name: "second half of a split lost",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "    if (epoch === mine) await deliver(batch.slice(middle));\n",
    to: "",
    killer: publishing(
      "splits a batch that is too large; the record that is so alone is refused, none else",
    ),
  },
  {
    name: "second half of a split sent first",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from:
      "    await deliver(batch.slice(0, middle));\n    if (epoch === mine) await deliver(batch.slice(middle));\n",
    to:
      "    await deliver(batch.slice(middle));\n    if (epoch === mine) await deliver(batch.slice(0, middle));\n",
    killer: publishing(
      "splits a batch that is too large; the record that is so alone is refused, none else",
    ),
  },
  {
    name: "second half of a split sent after it was given up",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "if (epoch === mine) await deliver(batch.slice(middle));",
    to: "await deliver(batch.slice(middle));",
    killer: publishingInTrouble(
      "of a batch that was split, nothing is sent any more once it is given up",
    ),
  },
  {
    name: "neighbours of a record judged by the whole batch",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "if (batch.length > 1) return await deliverHalves(batch, mine);",
    to: "if (batch.length > 1000) return await deliverHalves(batch, mine);",
    killer: publishing(
      "splits a batch that is too large; the record that is so alone is refused, none else",
    ),
  },
  {
    name: "sent after it was given up, when its number comes",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "      if (epoch !== mine) return undefined;\n",
    to: "",
    killer: idempotence(
      "what is given up before the producer has its number does not go out",
    ),
  },
  {
    name: "late answer moves the numbers of the next",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "      if (epoch === mine) {\n        sequence?.advance",
    to: "      {\n        sequence?.advance",
    killer: publishingInTrouble(
      "idempotent: an answer to what was given up moves nobody's numbers",
    ),
  },
  {
    name: "what was never sent told as unknown",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "const isSent = !(error instanceof QueueError);",
    to: "const isSent = true;",
    killer: publishing(
      "a topic that is made again with fewer partitions gives back what can not be sent, without a delivery time-out",
    ),
  },
  {
    name: "what is under way told as not standing",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "    if (sending) { for (const held of outstanding) held.mayStand = true; }\n",
    to: "",
    killer: publishing(
      "closing rejects what is left: closed, or outcome_unknown where it may stand",
    ),
  },
  {
    name: "goes on as another producer though the batch may stand",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "      isUncertain ||= mayStandAfter(fault);\n",
    to: "",
    killer: idempotence(
      "where it cannot know what stands, all that is held is given up, and it begins anew",
    ),
  },
  {
    name: "split forgets that the whole may stand",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "let isUncertain = batch.some(({ mayStand }) => mayStand);",
    to: "let isUncertain = false;",
    killer: publishingInTrouble("idempotent: a split does not forget that the whole may stand"),
  },
  {
    name: "batch keeps the numbers of the producer that was forgotten",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "        sequence.restart();\n        encoded = undefined;\n",
    to: "        sequence.restart();\n",
    killer: idempotence(
      "goes on as another producer where the broker has forgotten it",
    ),
  },
  {
    name: "numbers used twice",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "        sequence?.advance(batch.length);\n",
    to: "",
    killer: idempotence(
      "a batch whose answers are lost is appended once, and reported where it stands",
    ),
  },
  {
    name: "numbers advance by one for a batch",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "advance(batch.length)",
    to: "advance(1)",
    killer: idempotence(
      "a batch whose answers are lost is appended once, and reported where it stands",
    ),
  },
  {
    name: "numbers go on after giving up",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "    epoch++;\n    sequence?.restart();\n",
    to: "    epoch++;\n",
    killer: idempotence(
      "where it cannot know what stands, all that is held is given up, and it begins anew",
    ),
  },
  {
    name: "all reports of a batch point at its first record",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "      offset++;\n",
    to: "",
    killer: idempotence(
      "a batch whose answers are lost is appended once, and reported where it stands",
    ),
  },
  {
    name: "given up before its time",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "due.deadlineAt <= clock.now()",
    to: "due.deadlineAt > 0",
    killer: publishingInTrouble("each record has the whole of its delivery time-out"),
  },
  {
    name: "batch without a bound of bytes",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: " || bytes + held.wireBytes > batchBytes",
    to: "",
    killer: publishingInTrouble(
      "a batch has at most a thousand records, and no more bytes than batchBytes",
    ),
  },
  {
    name: "batch without a bound of records",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "count === maxBatchRecords || ",
    to: "",
    killer: publishingInTrouble(
      "a batch has at most a thousand records, and no more bytes than batchBytes",
    ),
  },
  {
    name: "unknown code taken for the record's fault",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: 'fault === "too_large" || fault === "invalid_record" ||',
    to: 'fault === "too_large" || fault === "invalid_record" || fault === "unknown" ||',
    killer: publishing("repeats a failed request unchanged, after a pause, until it succeeds"),
  },
  {
    name: "moved timestamp not sent",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "        encoded = undefined;\n        if (times.",
    to: "        if (times.",
    killer: publishing(
      "moves a timestamp that the broker refuses, and keeps the original in a header",
    ),
  },
  {
    name: "original timestamp not kept",
    file: "adapters/queue/kafka/produce/record_times.ts",
    from: "if (held.moves++ === 0 &&",
    to: "if (held.moves++ < 0 &&",
    killer: publishing(
      "moves a timestamp that the broker refuses, and keeps the original in a header",
    ),
  },
  {
    name: "moved timestamp kept as the original",
    file: "adapters/queue/kafka/produce/record_times.ts",
    from: "`${held.timestamp}`",
    to: "`${Math.floor(time)}`",
    killer: times(
      "too old or too new, with settings that may be read: goes with now, its own in a header",
    ),
  },
  {
    name: "original timestamp kept more than once",
    file: "adapters/queue/kafka/produce/record_times.ts",
    from: "held.moves++ === 0 && !held.headers.some(([name]) => name === header)",
    to: "held.moves++ >= 0",
    killer: times(
      "by a clock that is far behind ours: others are tried until one is taken",
    ),
  },
  {
    name: "backlog judged record by record where the topic's settings are known",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: "if (times.moveOutside(batch, rules.of(topic) ?? noRules, clock.now())) continue;",
    to: "",
    killer: times("of a whole backlog: costs one refusal where the settings may be read"),
  },
  {
    name: "record given up for its time",
    file: "adapters/queue/kafka/produce/partition_sender.ts",
    from: 'if (fault !== "invalid_timestamp") return refuse(',
    to: 'if (fault !== "too_large" || batch.length === 1) return refuse(',
    killer: times("always: the record waits, and is never given up as invalid"),
  },
  {
    name: "what may stand told as not standing",
    file: "adapters/queue/kafka/produce/held_record.ts",
    from: 'held.mayStand && code !== "timeout" ? "outcome_unknown" : code',
    to: "code",
    killer: publishing(
      "closing rejects what is left: closed, or outcome_unknown where it may stand",
    ),
  },
  {
    name: "room of what was given up not given back",
    file: "adapters/queue/kafka/produce/held_record.ts",
    from: "  held.budget.release(held.bytes);\n  held.reject(",
    to: "  held.reject(",
    killer: publishingInTrouble("what was given up leaves its room to others"),
  },
  {
    name: "number beyond 32 bits",
    file: "adapters/queue/kafka/produce/producer_sequence.ts",
    from: "(first + count) % 2 ** 31",
    to: "first + count",
    killer: numbers(
      "go from the largest of 32 bits on with 0, as brokers count, and begin anew with another producer",
    ),
  },
  {
    name: "new producer goes on with the numbers of the old",
    file: "adapters/queue/kafka/produce/producer_sequence.ts",
    from: "      first = 0;\n",
    to: "",
    killer: numbers(
      "go from the largest of 32 bits on with 0, as brokers count, and begin anew with another producer",
    ),
  },
];
