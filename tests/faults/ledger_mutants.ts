import { conservation, ledger } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

/** What goes wrong with the ledger. */
export const ledgerMutants: readonly Mutant[] = [
  {
    name: "what was taken away told by offsets alone",
    file: "segments/record_counts.ts",
    from: "recordsBefore - counted)",
    to: "most)",
    killer: conservation,
  },
  {
    name: "a group that begins late answers for what was before it",
    file: "segments/group_file.ts",
    from: "await recordsUpTo(folder, start)",
    to: "0",
    killer: ledger("a group that begins at the end has nothing to do with what was before"),
  },
  {
    name: "queued derived from the durable end",
    file: "operate/segment_ledger.ts",
    from: "held = [{ from: base, end: counted.next }]",
    to: "held = [{ from: base, end: slot.next }]",
    killer: ledger("a durable end before the last batch is found: queued is counted, not derived"),
  },
  {
    name: "dead letters counted as delivered, too",
    file: "read/group_member.ts",
    from: "passed.records - passed.deadLettered",
    to: "passed.records",
    killer: conservation,
  },
  {
    name: "alarm while a dead writer's records are not recovered",
    file: "operate/log_ledger.ts",
    from: "const isUnsettled = slot === undefined ||",
    to: "const isUnsettled = slot !== undefined &&",
    killer: ledger("a log whose writer was killed before it could say how far it came is no fault"),
  },
];
