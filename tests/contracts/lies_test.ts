/**
 * The suite is proved by logs that lie (M3): each breaks one promise, and the law that is named
 * must catch it, at once and in words that say which record is concerned. Only where nothing comes
 * that should, or nothing ends, may it take a law's patience.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { judge, laws } from "./event_log.ts";
import type { EventLogHarness } from "./event_log_harness.ts";
import { memoryHarness } from "./harnesses/memory.ts";
import { type Law, patience } from "./law.ts";
import { processLaws } from "./laws/crash.ts";
import { contentLies } from "./lies/content_lies.ts";
import { declaredLies } from "./lies/declared_lies.ts";
import { deliveryLies } from "./lies/delivery_lies.ts";
import { endingLies } from "./lies/ending_lies.ts";
import { groupLies } from "./lies/group_lies.ts";
import { handlesHarness } from "./lies/handles.ts";
import type { Lie } from "./lies/lie.ts";
import { positionLies } from "./lies/position_lies.ts";
import { sharingLies } from "./lies/sharing_lies.ts";
import { snapshotHarness } from "./lies/snapshot.ts";
import { readingLies } from "./lies/reading_lies.ts";

const lies: readonly Lie[] = [
  ...contentLies,
  ...deliveryLies,
  ...groupLies,
  ...positionLies,
  ...readingLies,
  ...endingLies,
  ...declaredLies,
  ...sharingLies,
];

const nameOf = ({ id, name }: Law): string => `${id} ${name}`;

/** The law that a lie names, where it judges what the liar declares. */
function lawOf({ law, lie }: Pick<Lie, "law" | "lie">, { guarantees }: EventLogHarness): Law {
  const [found, another] = laws.filter((candidate) =>
    nameOf(candidate).startsWith(law) && candidate.outside?.(guarantees) === undefined
  );
  assert.ok(found && !another, `"${law}" names no law, or several, for a log that ${lie}`);
  return found;
}

for (
  const [name, honest] of [
    ["an honest log", handlesHarness()],
    ["an honest log with several partitions", handlesHarness({ division: {} })],
  ] as const
) {
  describe(name, () => {
    for (const law of laws) {
      // Nobody but this process can have it.
      const isBeyond = processLaws.includes(law) || law.id === "D4";
      if (isBeyond || law.outside?.(honest.guarantees) !== undefined) continue;
      it(`is found to be one: ${nameOf(law)}`, () => judge(law, honest));
    }
  });
}

describe("a log that lies is caught", () => {
  for (const lie of lies) {
    it(`one that ${lie.lie}, by ${lie.law}`, () => assertCaught(lie, handlesHarness(lie)));
  }
});

describe("a log that writes when it is closed is caught by killing it", () => {
  const killed = "S5 killed while it publishes and commits";
  const position = /the next member began at 0, though \d+ was committed/;

  it("one that writes at once is honest", async () => {
    const harness = snapshotHarness("all");
    await judge(lawOf({ law: killed, lie: "is honest" }, harness), harness);
  });

  it("one that writes records then, all in one transaction", () =>
    assertCaught(
      { lie: "loses records", law: killed, says: /^missing: "v0"/ },
      snapshotHarness("nothing"),
    ));

  it("one that writes commits then", () =>
    assertCaught(
      { lie: "loses commits", law: killed, says: position },
      snapshotHarness("records"),
    ));
});

describe("a log that other processes do not reach is caught where it declares that they do", () => {
  it("one that each handle has for itself", () =>
    assertCaught(
      { lie: "is another for each handle", law: "S8 two publishers", says: /^missing: "1:0"/ },
      { ...memoryHarness, guarantees: handlesHarness().guarantees },
    ));

  it("one that each process has for itself", () => {
    const { guarantees, ...honest } = snapshotHarness("all");
    return assertCaught(
      {
        lie: "is another for each process",
        law: "S8 another process publishes",
        says: /^the next batch took over/,
        isSilent: true,
      },
      { ...honest, guarantees: { ...guarantees, processes: "many" } },
    );
  });
});

type Claim = Pick<Lie, "lie" | "law" | "says" | "isSilent">;

async function assertCaught(lie: Claim, harness: EventLogHarness): Promise<void> {
  const law = lawOf(lie, harness);
  const usual = { ...patience };
  // In memory what comes at all comes at once.
  Object.assign(patience, { silenceMs: 50 }, lie.isSilent && { deadlineMs: 250 });
  const [outcome] = await Promise.allSettled([judge(law, harness)]);
  Object.assign(patience, usual);
  assert.ok(outcome?.status === "rejected", `"${nameOf(law)}" lets it pass`);
  const { message }: { message: string } = outcome.reason;
  assert.match(message, lie.says);
  const waited = /took over|nothing came for|do not share/.test(message);
  assert.equal(waited, lie.isSilent ?? false, `found by waiting: "${message}"`);
}
