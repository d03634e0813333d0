/** Mutants of positions: how groups keep them, and what a log keeps for them. */
import { commits, powerCuts, slots } from "./killers.ts";
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
];
