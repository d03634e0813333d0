/** Laws on looking at groups, and on setting them back. */
import assert from "node:assert/strict";
import type { GroupPosition } from "../../../src/ports/event_groups.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { StartFrom } from "../../../src/ports/event_source.ts";
import {
  type Bench,
  bytes,
  inOnePartition,
  type Law,
  publishAll,
  rejectsWith,
  series,
  text,
  within,
} from "../law.ts";
import { openReader } from "../reader.ts";

/** Where a group is moved, how, and where it then stands: of ten records with those times. */
type Move = readonly [
  where: string,
  to: (times: readonly number[]) => StartFrom,
  position: number,
];

const moves: readonly Move[] = [
  ["to the oldest record", () => "earliest", 0],
  ["to the end", () => "latest", 10],
  ["to the offset that is given", () => ({ offset: 2n }), 2],
  ["to an offset past the end, which is the end", () => ({ offset: 99n }), 10],
  ["ahead, passing records", () => ({ offset: 7n }), 7],
  ["to the first record of a time", (times: readonly number[]) => ({ time: times[5]! }), 5],
  ["to a time that is still to come, which is the end", () => ({ time: 4_000_000_000_000 }), 10],
];

/** G10, G14: where groups stand, and how they are moved. */
export const groupPositionLaws: readonly Law[] = [
  {
    id: "G10",
    name: "every group is listed, and says where it stands and how far it is behind",
    async run(bench) {
      const { log, topic, group, partition } = await handled(bench, 3);
      const other = bench.place.group("other");
      await leaveAt(log, topic, other, 1);
      const names = (await groups(log).list()).map(({ group }) => group);
      assert.deepEqual(
        names.filter((name) => [group, other].includes(name)),
        [group, other].toSorted(),
        `listed: ${names}`,
      );
      assert.deepEqual(names, names.toSorted(), "groups are not sorted");
      for (const [name, position] of [[group, 3n], [other, 1n]] as const) {
        const described = await groups(log).describe(name);
        assert.equal(described.group, name);
        assert.equal(described.isActive, false, `"${name}" has no member and is said to have one`);
        assert.deepEqual(placeIn(described.positions, topic, partition), {
          position,
          end: 10n,
          lag: 10n - position,
          holder: false,
        });
      }
    },
  },
  {
    id: "G10",
    name: "a group says since when its next record waits, and nothing where none does",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("waits"), place.group("waits")];
      const reports = await publishAll(log, topic, [
        { ...inOnePartition("v0"), timestamp: 1_700_000_000_000 },
        { ...inOnePartition("v1"), timestamp: 1_700_000_000_001 },
      ]);
      await leaveAt(log, topic, group, 1);
      const at = async () => {
        const { positions } = await groups(log).describe(group);
        return positionIn(positions, topic, reports[0]!.partition).waitingSince;
      };
      assert.equal(await at(), 1_700_000_000_001);
      await leaveAt(log, topic, group, 1);
      assert.equal(await at(), undefined, "a record is said to wait where there is none");
    },
  },
  {
    id: "G10",
    name: "a group that is read says by whom, and nobody when it is left",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(2);
      const [topic, group] = [place.topic("held"), place.group("held")];
      const [report] = await publishAll(logs[0]!, topic, series("v", 3).map(inOnePartition));
      const reader = openReader(logs[0]!, topic, { group, from: "earliest" });
      await reader.takes(series("v", 3), (batch) => batch.commit());
      const held = await groups(logs[1]!).describe(group);
      assert.equal(held.isActive, true, `"${group}" is read, and said not to be`);
      assert.equal(placeIn(held.positions, topic, report!.partition).holder, true);
      await reader.leave();
      const left = await groups(logs[1]!).describe(group);
      assert.equal(left.isActive, false);
      assert.equal(placeIn(left.positions, topic, report!.partition).holder, false);
    },
  },
  {
    id: "G10",
    name: "looking at groups and at a reset moves nothing",
    async run(bench) {
      const { log, topic, group, partition } = await handled(bench, 4);
      const told = await groups(log).reset(group, topic, "earliest");
      assert.deepEqual(resetOf(told, partition), { before: 4n, after: 0n, end: 10n });
      await groups(log).describe(group);
      await groups(log).list();
      await goesOn(log, topic, group, series("v", 10).slice(4));
    },
  },
  ...moves.map(([where, to, position]): Law => ({
    id: "G10",
    name: `a reset moves a group ${where}`,
    async run(bench) {
      const { log, topic, group, partition, times } = await handled(bench, 4);
      const start = to(times);
      const told = await groups(log).reset(group, topic, start);
      const done = await groups(log).reset(group, topic, start, { execute: true });
      assert.deepEqual(done, told, "another thing is done than was told");
      const after = BigInt(position);
      assert.deepEqual(resetOf(done, partition), { before: 4n, after, end: 10n });
      const { positions } = await groups(log).describe(group);
      const { position: stands, lag } = placeIn(positions, topic, partition);
      assert.deepEqual({ stands, lag }, { stands: after, lag: 10n - after });
      await goesOn(log, topic, group, series("v", 10).slice(position));
    },
  })),
  {
    id: "G10",
    name: "a group is not moved while a member is active, and is afterwards",
    async run(bench) {
      const { log, topic, group, partition } = await handled(bench, 4);
      const reader = openReader(log, topic, { group, maxRecords: 1 });
      await reader.takes(["v4"], (batch) => batch.commit());
      const move = () => groups(log).reset(group, topic, "earliest", { execute: true });
      await rejectsWith("group_active", move());
      const told = await groups(log).reset(group, topic, "earliest");
      assert.equal(resetOf(told, partition).after, 0n, "what would be done is not told");
      await reader.takes(["v5"], (batch) => batch.commit());
      await reader.leave();
      assert.equal(resetOf(await within("moving", move()), partition).before, 6n);
      await goesOn(log, topic, group, series("v", 10));
    },
  },
  {
    id: "G10",
    name: "a reset moves no other group, and no other topic",
    async run(bench) {
      const { log, topic, group } = await handled(bench, 4);
      const [other, elsewhere] = [bench.place.group("other"), bench.place.topic("elsewhere")];
      await leaveAt(log, topic, other, 3);
      await publishAll(log, elsewhere, series("v", 5).map(inOnePartition));
      await leaveAt(log, elsewhere, group, 2);
      await groups(log).reset(group, topic, "earliest", { execute: true });
      await goesOn(log, topic, other, series("v", 10).slice(3));
      await goesOn(log, elsewhere, group, series("v", 5).slice(2));
      await goesOn(log, topic, group, series("v", 10));
    },
  },
  {
    id: "G10",
    name: "a reset moves a group in all partitions of the topic",
    outside: (g) => g.partitions === "many" ? undefined : "there is one partition",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("all-parts"), place.group("all-parts")];
      const values = series("v", 30);
      await publishAll(log, topic, values.map((key) => ({ key, value: bytes(key) })));
      const read = async () => {
        const reader = openReader(log, topic, { group, from: "earliest", until: "end" });
        const came: string[] = [];
        for (let batch = await reader.next(); batch !== undefined; batch = await reader.next()) {
          came.push(...batch.records.map(({ value }) => text(value)));
          await batch.commit();
        }
        await reader.leave();
        return came.toSorted();
      };
      assert.deepEqual(await read(), values.toSorted());
      assert.deepEqual(await read(), [], "came again, though they were committed");
      const done = await groups(log).reset(group, topic, "earliest", { execute: true });
      assert.ok(done.length > 1, `${done.length} partitions were moved`);
      assert.deepEqual(await read(), values.toSorted());
    },
  },
  {
    id: "G10",
    name: "a reset outlasts the process",
    outside: (g) => g.survivesRestart ? undefined : "nothing outlasts it",
    async run(bench) {
      const { log, topic, group } = await handled(bench, 10);
      await groups(log).reset(group, topic, { offset: 6n }, { execute: true });
      await within("closing", Promise.resolve(log[Symbol.asyncDispose]()));
      await goesOn(await bench.open(), topic, group, series("v", 10).slice(6));
    },
  },
  {
    id: "G10",
    name: "a reset group counts on from where it was moved: a later commit is kept",
    async run(bench) {
      const { log, topic, group } = await handled(bench, 8);
      await groups(log).reset(group, topic, { offset: 1n }, { execute: true });
      await leaveAt(log, topic, group, 2);
      await goesOn(log, topic, group, series("v", 10).slice(3));
    },
  },
  {
    id: "G10",
    name: "what is not there is told: group, topic, a start that is none",
    async run(bench) {
      const { log, topic, group } = await handled(bench, 4);
      const nobody = bench.place.group("nobody");
      await rejectsWith("unknown_group", groups(log).describe(nobody));
      await rejectsWith("unknown_group", groups(log).describe("no/../name"));
      const options = { execute: true };
      await rejectsWith("unknown_group", groups(log).reset(nobody, topic, "earliest", options));
      const gone = bench.place.topic("gone");
      await rejectsWith("unknown_topic", groups(log).reset(group, gone, "earliest", options));
      await rejectsWith("invalid_record", groups(log).reset(group, "", "earliest", options));
      const bad = { offset: -1n };
      await rejectsWith("invalid_record", groups(log).reset(group, topic, bad, options));
      await publishAll(log, gone, [inOnePartition("v")]);
      await rejectsWith("unknown_group", groups(log).reset(group, gone, "earliest", options));
      await goesOn(log, topic, group, series("v", 10).slice(4));
    },
  },
  {
    id: "G10",
    name: "groups of a closed log are not looked at",
    async run(bench) {
      const { log, topic, group } = await handled(bench, 1);
      await within("closing", Promise.resolve(log[Symbol.asyncDispose]()));
      await rejectsWith("closed", groups(log).list());
      await rejectsWith("closed", groups(log).describe(group));
      await rejectsWith("closed", groups(log).reset(group, topic, "earliest"));
    },
  },
];

/** With a deadline for each question. */
const groups = ({ groups }: EventLog): EventLog["groups"] => ({
  list: () => within("listing groups", groups.list()),
  describe: (...call) => within("describing a group", groups.describe(...call)),
  reset: (...call) => within("resetting a group", groups.reset(...call)),
});

/** A topic of ten records, and a group that has handled some of them and has no member. */
async function handled({ open, place }: Bench, count: number) {
  const log = await open();
  const [topic, group] = [place.topic("moved"), place.group("moved")];
  const times: number[] = [];
  let partition = 0;
  for (const value of series("v", 10)) {
    // A time tells records apart that were taken in different milliseconds.
    const [report] = await publishAll(log, topic, [inOnePartition(value)]);
    times.push(report!.timestamp);
    partition = report!.partition;
    while (Date.now() <= report!.timestamp) await new Promise((done) => setTimeout(done, 1));
  }
  await leaveAt(log, topic, group, count);
  return { log, topic, group, partition, times };
}

/** Handles and commits so many records, and leaves. */
async function leaveAt(log: EventLog, topic: string, group: string, count: number): Promise<void> {
  const reader = openReader(log, topic, { group, from: "earliest", maxRecords: 1 });
  await reader.take(count, (batch) => batch.commit());
  await reader.leave();
}

/** The group gets exactly these next, up to the end. */
async function goesOn(
  log: EventLog,
  topic: string,
  group: string,
  wanted: readonly string[],
): Promise<void> {
  const reader = openReader(log, topic, { group, from: "latest", until: "end" });
  await reader.takes(wanted);
  await reader.ends();
  await reader.leave();
}

function positionIn(
  positions: readonly GroupPosition[],
  topic: string,
  partition: number,
): GroupPosition {
  const found = positions.find((each) => each.topic === topic && each.partition === partition);
  assert.ok(found, `no position in partition ${partition} of "${topic}"`);
  return found;
}

function placeIn(positions: readonly GroupPosition[], topic: string, partition: number) {
  const { position, end, lag, holder } = positionIn(positions, topic, partition);
  return { position, end, lag, holder: holder !== undefined };
}

function resetOf(
  resets: Awaited<ReturnType<EventLog["groups"]["reset"]>>,
  partition: number,
) {
  const found = resets.find((each) => each.partition === partition);
  assert.ok(found, `nothing is said of partition ${partition}`);
  const { before, after, end } = found;
  return { before, after, end };
}
