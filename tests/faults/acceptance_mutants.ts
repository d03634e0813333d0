/** Mutants of accepting events and of positions. */
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const accepting = (test: string): Killer => ({
  file: "tests/use_cases/event_acceptor_test.ts",
  test,
});
const receipts = (test: string): Killer => ({ file: "tests/http/events_api_test.ts", test });
const pullCommits = (test: string): Killer => ({ file: "src/ports/pull_commits_test.ts", test });
const orderedCommits = (test: string): Killer => ({
  file: "src/ports/ordered_commits_test.ts",
  test,
});

/**
 * What goes wrong where events are accepted and where positions pass them. Paths from the project's
 * folder.
 */
export const acceptanceMutants: readonly Mutant[] = [
  {
    name: "search held up by the queue",
    file: "src/use_cases/event_acceptor.ts",
    from: '      resolve({ status: "pending" });\n    });',
    to: "    });",
    killer: accepting(
      "waits for a queue that never answers as long as the time-out, and no longer",
    ),
  },
  {
    name: "every search waits for a queue that is known to be slow",
    file: "src/use_cases/event_acceptor.ts",
    from: "overdue === 0 && acceptTimeoutMs > 0",
    to: "acceptTimeoutMs > 0",
    killer: accepting("does not wait at all while a publish is past its time-out"),
  },
  {
    name: "late answer not counted",
    file: "src/use_cases/event_acceptor.ts",
    from: "      countAnswer(reason);\n",
    to: "      if (!isOverdue) countAnswer(reason);\n",
    killer: accepting("does not abort what is late: its answer is counted when it comes"),
  },
  {
    name: "unknown outcome told as a refusal",
    file: "src/use_cases/event_acceptor.ts",
    from: 'error.code : "outcome_unknown"',
    to: 'error.code : "unavailable"',
    killer: accepting(
      "survives a queue that throws instead of rejecting, and errors that the port forbids",
    ),
  },
  {
    name: "one record's fault told as the queue's",
    file: "src/use_cases/event_acceptor.ts",
    from: "if (!recordFaults.has(reason)) refusal",
    to: "refusal",
    killer: accepting("does not blame the queue for a record that no queue would take"),
  },
  {
    name: "shutdown does not wait for the last answer",
    file: "src/use_cases/event_acceptor.ts",
    from: "until(() => pending === 0)",
    to: "until(() => pending <= 1)",
    killer: accepting("waits until the queue has answered for all"),
  },
  {
    name: "refusal without a receipt",
    file: "src/use_cases/event_acceptor.ts",
    from: "      receipts.refused(id, reason);\n",
    to: "",
    killer: receipts("tells why an event was refused, dead-lettered or dropped"),
  },
  {
    name: "record counted twice",
    file: "src/ports/pull_commits.ts",
    from: "offset >= counted && offset < position",
    to: "offset < position",
    killer: pullCommits(
      "each record is counted once when the position passes it, whatever the order, repeats and failures",
    ),
  },
  {
    name: "dead letters counted before the position passes them",
    file: "src/ports/pull_commits.ts",
    from: "behind.filter((o) => deadLettered.delete(o)).length",
    to: "deadLettered.size",
    killer: pullCommits(
      "each record is counted once when the position passes it, whatever the order, repeats and failures",
    ),
  },
  {
    name: "position taken for stored before it is",
    file: "src/ports/pull_commits.ts",
    from: "      await store?.(position, passed);\n      if (position > stored) stored = position;",
    to: "      stored = position;\n      await store?.(position, passed);",
    killer: pullCommits(
      "one that could not be stored is stored when it is repeated; one that is stored is not again",
    ),
  },
  {
    name: "position that is stored written again",
    file: "src/ports/pull_commits.ts",
    from: "if (position === undefined || position <= stored) return;",
    to: "if (position === undefined) return;",
    killer: pullCommits(
      "one that could not be stored is stored when it is repeated; one that is stored is not again",
    ),
  },
  {
    name: "commits for a group that it has left",
    file: "src/ports/pull_commits.ts",
    from: "if (hasLeft()) {",
    to: "if (through < 0n) {",
    killer: pullCommits("are refused where a member has left, and for what is not of the batch"),
  },
  {
    name: "commits past its batch",
    file: "src/ports/subscription_rules.ts",
    from: "through >= first && through <= last",
    to: "through >= first",
    killer: pullCommits("are refused where a member has left, and for what is not of the batch"),
  },
  {
    name: "position passes what is committed in part",
    file: "src/ports/ordered_commits.ts",
    from: "        if (first.committed < first.end) return;\n",
    to: "",
    killer: orderedCommits(
      "the position is the first record that nobody has committed, whatever the order of commits",
    ),
  },
  {
    name: "commit takes the position back",
    file: "src/ports/ordered_commits.ts",
    from: "batch === undefined || end <= batch.committed",
    to: "batch === undefined",
    killer: orderedCommits("a commit that goes less far than before changes nothing"),
  },
];
