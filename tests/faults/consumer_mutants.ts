/** Mutants of consuming: the code with one guarantee of effects exactly once removed. */
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const consuming = (test: string): Killer => ({
  file: "tests/use_cases/consume_events_test.ts",
  test,
});

const stored = (test: string): Killer => ({
  file: "tests/contracts/read_models_test.ts",
  test,
});

const judged = (test: string): Killer => ({
  file: "tests/contracts/event_log_test.ts",
  test,
});

const proven = (test: string): Killer => ({
  file: "tests/http/visitor_proof_test.ts",
  test,
});

/** Paths from the project's folder. */
export const consumerMutants: readonly Mutant[] = [
  {
    name: "a batch is committed before it is applied",
    file: "src/use_cases/consume_pass.ts",
    from: "    while (!abandon.aborted) {\n      const { hour: horizonHour } = horizon;",
    to:
      "    for (const { batch } of parts) await commits.add(batch, []);\n    while (!abandon.aborted) {\n      const { hour: horizonHour } = horizon;",
    killer: consuming("commits nothing before it is applied"),
  },
  {
    name: "what a partition begins again with is applied behind what comes later",
    file: "src/use_cases/waiting_batches.ts",
    from: "        isBroken ||= isOurs && !goesOn(parts.at(-1), one);",
    to: "        isBroken = isOurs && !goesOn(parts.at(-1), one);",
    killer: {
      file: "tests/use_cases/waiting_batches_test.ts",
      test: "are taken apart where a partition begins again from before",
    },
  },
  {
    name: "what a restored database lacks is passed over",
    file: "src/use_cases/consume_pass.ts",
    from: "      if (gaps.length === 0) return;",
    to: "      if (gaps.length >= 0) return;",
    killer: consuming(
      "G14 reads again what a database restored from an older copy lacks, each event once",
    ),
  },
  {
    name: "a store that refuses ends the pass",
    file: "src/use_cases/ask_store.ts",
    from: "      if (!(error instanceof StoreError)) throw error;",
    to: "      if (error !== undefined) throw error;",
    killer: judged(
      "G6 a store that refuses is asked again in place, and what is no search is put aside",
    ),
  },
  {
    name: "what is no search is put aside nowhere",
    file: "src/use_cases/consume_pass.ts",
    from: "        await deadLetters.write(partition, record, cause);\n",
    to: "",
    killer: judged(
      "G6 a store that refuses is asked again in place, and what is no search is put aside",
    ),
  },
  {
    name: "what comes again for another group is consumed",
    file: "src/use_cases/decode_batch.ts",
    from: "    if (isForOtherGroup(record.headers, group)) continue;\n",
    to: "",
    killer: consuming("passes over what comes again for another group"),
  },
  {
    name: "what another member of the group commits is not looked for",
    file: "src/use_cases/watch_group.ts",
    from: "      if (position !== undefined && at < position) {",
    to: "      if (position !== undefined && at > position) {",
    killer: {
      file: "tests/use_cases/consume_beside_others_test.ts",
      test: "reads again what another member of its group commits, and says so until it has gone",
    },
  },
  {
    name: "keys are forgotten that a partition of another process still needs",
    file: "src/use_cases/consume_pass.ts",
    from: "      horizon.othersWait(seen.waitingSince);\n",
    to: "",
    killer: {
      file: "tests/use_cases/consume_beside_others_test.ts",
      test: "forgets no key of a partition that another process of the group has still to read",
    },
  },
  {
    name: "what was consumed is not noted",
    file: "adapters/database/schema/read_models/consume_batch.ts",
    from: "  return events.filter((event) => added.has(event));",
    to: "  return events.filter(() => added.size >= 0);",
    killer: stored("trends: an event has its effects once, however often it comes"),
  },
  {
    name: "a visitor's name without its proof counts",
    file: "src/use_cases/searched_event.ts",
    from: "read.isUnproven === true ? undefined : read.visitorId",
    to: "read.visitorId",
    killer: proven("is in the event's key, and counts for nobody"),
  },
  {
    name: "any proof proves any visitor",
    file: "src/http/exchange/visitor.ts",
    from: "proof !== undefined && isSame(proof, proofOf(id))",
    to: "proof !== undefined",
    killer: proven("lets nobody have that visitor forgotten"),
  },
  {
    name: "the position is not stored",
    file: "adapters/database/schema/read_models/consume_batch.ts",
    from: "  if (batch.isOtherTopic === true || batch.next > position || stored === undefined) {",
    to: "  if (batch.next < 0n) {",
    killer: stored("trends: what was applied is there after a restart, the position too"),
  },
];
