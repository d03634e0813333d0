/** Mutants of positions: how groups keep them, and what a log keeps for them. */
import { commits, powerCuts, required, resets, slots } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

/** What goes wrong with groups. */
export const groupMutants: readonly Mutant[] = [
  {
    name: "group's file not filled when it is made",
    file: "segments/group_file.ts",
    from: "  await file.write(0, new Uint8Array(groupFileBytes));\n",
    to: "",
    killer: commits("a commit writes in place: the file has its length from the start"),
  },
  {
    name: "group's file without a durable name",
    file: "segments/group_file.ts",
    from: "  await disk.syncDirectory(path);\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "two active members of a group",
    file: "read/group_member.ts",
    from: "if (file.tryLock()) {",
    to: "if (file.tryLock() || clock.now() > 0) {",
    killer: commits(
      "a second member stands by while the first is active, and goes on behind its commit",
    ),
  },
  {
    name: "a commit that is awaited waits for company",
    file: "read/group_member.ts",
    from: "if (commits > 1 || waiting !== undefined) await gather();",
    to: "await gather();",
    killer: commits("whoever awaits each commit waits for the disk, and never for company"),
  },
  {
    name: "commits that nobody awaits each written for itself",
    file: "read/group_member.ts",
    from: "if (commits > 1 || waiting !== undefined) await gather();",
    to: "",
    killer: commits("commits that come one by one, and are not awaited, share writes"),
  },
  {
    name: "commit not synced",
    file: "segments/slots.ts",
    from: "  await file.sync();\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "commit over the only whole slot",
    file: "segments/slots.ts",
    from: "positions: [0, groupPageBytes]",
    to: "positions: [0, 0]",
    killer: slots("a slot that is torn while it is written leaves the other one"),
  },
  {
    name: "that a group is required is not written down",
    file: "append/held_groups.ts",
    from: "if (await requireGroup(folder, group, clock)) unsecured.delete(group);",
    to: "unsecured.delete(group);",
    killer: required(
      "that has read nothing protects its records where another configuration writes",
    ),
  },
  {
    name: "required by its reader, and not written down",
    file: "read/group_member.ts",
    from: 'isRequired ? "required" : "none"',
    to: '"none"',
    killer: required("is so as soon as somebody reads as it for whom it is required"),
  },
  {
    name: "groups that another process requires passed over",
    file: "append/held_groups.ts",
    from: 'return state.hold === "required" || unsecured.has(name);',
    to: "return requiredGroups.includes(name);",
    killer: required("that has read protects what it has not"),
  },
  {
    name: "a group that was given up goes on holding",
    file: "operate/release_group.ts",
    from: 'holdFor(folder, file, state, "released", clock)',
    to: "holdFor(folder, file, state, state.hold, clock)",
    killer: required("lets retention take what it has not read, which is counted as dropped"),
  },
  {
    name: "what a group that was given up has not read counted nowhere",
    file: "append/held_groups.ts",
    from: "const dropped = now.dropped + takenAway(",
    to: "const dropped = now.dropped + 0 * takenAway(",
    killer: required("lets retention take what it has not read, which is counted as dropped"),
  },
  {
    name: "a group given up under the hands of its reader",
    file: "operate/release_group.ts",
    from: "  if (inspection.isActive) throw active;\n",
    to: "",
    killer: required("is refused while somebody reads as it"),
  },
  {
    name: "a group moved with the counts of where it was",
    file: "segments/group_file.ts",
    from: "=> beginGroup(folder, file, start, state, clock);",
    to: "=> writeBoth(folder, file, { ...state, position: start }, clock);",
    killer: resets("K5 keeps the ledger balanced: it begins anew where it was moved to"),
  },
  {
    name: "a group moved over its newest slot",
    file: "segments/group_file.ts",
    from: "=> beginGroup(folder, file, start, state, clock);",
    to: "=> beginGroup(folder, file, start, { ...state, sequence: 0 }, clock);",
    killer: resets("stands where it stood or where it was to be moved, whichever write fails"),
  },
  {
    name: "a group moved while a member is active",
    file: "read/log_groups.ts",
    from: "if (execute && !file.tryLock()) throw activeGroup(group);",
    to: "",
    killer: resets("K1 is not moved while another process reads"),
  },
];
