import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const wake = (test: string): Killer => ({ file: "tests/adapters/file_log/wake_test.ts", test });
const start = (test: string): Killer => ({
  file: "tests/adapters/file_log/start_from_test.ts",
  test,
});

/** What goes wrong where readers begin and where they wait. */
export const readerMutants: readonly Mutant[] = [
  {
    name: "no look once the watch is armed",
    file: "read/wake.ts",
    from: "if (signal.aborted || await lookAgain()) return;",
    to: "if (signal.aborted) return;",
    killer: wake(
      "comes at once with what came before the watch was armed, or while it was looked for",
    ),
  },
  {
    name: "a watch relied upon alone",
    file: "read/wake.ts",
    from: "clock.after(everyMs, changes.notify)",
    to: "clock.after(2 ** 30, changes.notify)",
    killer: wake("comes within a second where the watch tells nothing, and sooner the next time"),
  },
  {
    name: "records of the very time passed",
    file: "read/time_search.ts",
    from: "found.head.time < time",
    to: "found.head.time <= time",
    killer: start("starts at the first record that it took then, whatever the timestamps say"),
  },
  {
    name: "the oldest segment searched for a time",
    file: "read/time_search.ts",
    from: "bases.toReversed()",
    to: "bases",
    killer: start("starts at the first record that it took then, whatever the timestamps say"),
  },
  {
    name: "damage passed in the search for a time",
    file: "read/time_search.ts",
    from: 'if (found.kind !== "more") return next;',
    to: 'if (found.kind !== "more") return undefined;',
    killer: start("does not pass what is damaged in silence"),
  },
];
