/** Laws on groups. */
import assert from "node:assert/strict";
import type { RecordBatch } from "../../../src/ports/event_source.ts";
import { list } from "../assert_records.ts";
import {
  bytes,
  inOnePartition,
  type Law,
  patience,
  publishAll,
  rejectsWith,
  series,
  valuesOf,
  within,
} from "../law.ts";
import { openReader, type Reader } from "../reader.ts";
import { createTally } from "../tally.ts";

/** G1, G2, G5: groups are independent, and their members divide the work as declared. */
export const groupLaws: readonly Law[] = [
  {
    id: "G1",
    name: "two groups each get every record",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("two-groups");
      await publishAll(log, topic, series("v", 100).map(inOnePartition));
      for (const name of ["one", "two"]) {
        const reader = openReader(log, topic, { group: place.group(name), from: "earliest" });
        await reader.takes(series("v", 100), (batch) => batch.commit());
        await reader.leave();
      }
    },
  },
  {
    id: "G1",
    name: "a group's name on one topic has nothing to do with the same name on another",
    async run({ open, place }) {
      const log = await open();
      const group = place.group("same-name");
      const topics = [place.topic("same-one"), place.topic("same-two")];
      for (const topic of topics) {
        await publishAll(log, topic, series(topic, 6).map(inOnePartition));
      }
      // The first stays, in the middle of its topic.
      const readers: Reader[] = [];
      for (const topic of topics) {
        const reader = openReader(log, topic, { group, from: "earliest", maxRecords: 3 });
        await reader.takes(series(topic, 3), (batch) => batch.commit());
        readers.push(reader);
      }
      for (const reader of readers) await reader.leave();
      for (const topic of topics) {
        const reader = openReader(log, topic, { group, until: "end" });
        await reader.takes(series(topic, 6).slice(3));
        await reader.leave();
      }
    },
  },
  {
    id: "G2",
    name: "two members of a group get every record between them, none twice",
    async run({ openSeveral, place, guarantees }) {
      const logs = await openSeveral(2);
      const [topic, group] = [place.topic("members"), place.group("members")];
      const values = series("v", 300);
      // A partition that is handed over while members join may be read again.
      const mayRepeat = (value: string) => value === "first" && guarantees.groupMembers === "share";
      const tally = createTally(["first", ...values], mayRepeat);
      const first = await publishAll(logs[0]!, topic, [inOnePartition("first")]);
      const abort = new AbortController();
      const subscriptions = logs.map((log) =>
        log.subscribe(topic, { group, from: "earliest", signal: abort.signal })
      );
      // Both are members before the flow begins: a rebalance under way may hand a record to two.
      await within("joining", Promise.all(subscriptions.map(({ ready }) => ready)));
      const members = subscriptions.map(async (subscription) => {
        for await (const batch of subscription) {
          await batch.commit();
          tally.note(batch);
        }
      });
      Promise.all(members).catch(tally.fail);
      const reports = [...first];
      // In rounds: whoever is active though it should not be has its turn, too.
      for (let round = 0; round < 300; round += 10) {
        const some = values.slice(round, round + 10).map((key) => ({ key, value: bytes(key) }));
        reports.push(...await publishAll(logs[0]!, topic, some));
      }
      tally.placed(reports);
      await tally.all().finally(() => abort.abort());
      await within("leaving", Promise.all(members));
      await tally.all();
    },
  },
  {
    id: "G2",
    name: "a member that leaves is taken over by another, from the commit on",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(2);
      const [topic, group] = [place.topic("take-over"), place.group("take-over")];
      await publishAll(logs[0]!, topic, series("v", 10).map(inOnePartition));
      const first = openReader(logs[0]!, topic, { group, from: "earliest", maxRecords: 5 });
      await first.takes(series("v", 5), (batch) => batch.commit());
      const second = openReader(logs[1]!, topic, { group, from: "earliest", maxRecords: 5 });
      const taken = second.takes(series("v", 10).slice(5));
      await first.leave();
      await taken;
      await second.leave();
    },
  },
  {
    id: "G2",
    name: "a member that leaves its loop, or whose log is closed, gives its place up",
    async run({ openSeveral, place, guarantees }) {
      const logs = await openSeveral(2);
      const [topic, group] = [place.topic("give-up"), place.group("give-up")];
      await publishAll(logs[0]!, topic, series("v", 9).map(inOnePartition));
      const options = { group, from: "earliest", maxRecords: 3 } as const;
      for await (const batch of logs[0]!.subscribe(topic, options)) {
        await batch.commit();
        break;
      }
      const second = openReader(logs[0]!, topic, options);
      await second.takes(series("v", 6).slice(3), (batch) => batch.commit());
      if (guarantees.processes === "many") await logs[0]![Symbol.asyncDispose]();
      else await second.leave();
      const third = openReader(logs[1]!, topic, options);
      await third.takes(series("v", 9).slice(6));
      await third.leave();
    },
  },
  {
    id: "G2",
    name: "while a member is active the others wait; whichever takes over begins at the commit",
    outside: (g) => g.groupMembers === "stand by" ? undefined : "members share the partitions",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(3);
      const [topic, group] = [place.topic("stand-by"), place.group("stand-by")];
      const publish = (stem: string, count = 5) =>
        publishAll(logs[0]!, topic, series(stem, count).map(inOnePartition));
      await publish("v");
      const join = (n: number) => openReader(logs[n]!, topic, { group, from: "earliest" });
      const first = join(0);
      const uncommitted: RecordBatch[] = [];
      await first.takes(series("v", 5), (batch) => void uncommitted.push(batch));
      // Both are waiting for a place, with records before them that nobody has committed.
      const waiting = [join(1), join(2)].map(standBy);
      await Promise.all(waiting.map(({ reader }) => reader.ready()));
      await publish("w");
      for (const batch of uncommitted) await batch.commit();
      await Promise.race([
        first.takes(series("w", 5), (batch) => batch.commit()),
        ...waiting.map(assertWaits),
      ]);
      await publish("x");
      await first.leave();
      await publish("y", 1);
      const second = await firstToGet(waiting);
      assertBegins(second.batch, [...series("x", 5), "y0"]);
      await second.batch.commit(second.batch.records[2]?.offset);
      await second.reader.leave();
      const third = await firstToGet(waiting.filter(({ reader }) => reader !== second.reader));
      assertBegins(third.batch, ["x3", "x4", "y0"]);
      await third.reader.leave();
    },
  },
  {
    id: "G2",
    name: "a member is told where it begins, or that others have all there is to read",
    async run({ openSeveral, place, guarantees }) {
      const logs = await openSeveral(2);
      const [topic, group] = [place.topic("places"), place.group("places")];
      await publishAll(logs[0]!, topic, series("v", 4).map(inOnePartition));
      const told: { readonly member: number; readonly positions: ReadonlyMap<number, bigint> }[] =
        [];
      let heard = Promise.withResolvers<void>();
      const readers: Reader[] = [];
      const join = (member: number): void => {
        const onPlace = (positions: ReadonlyMap<number, bigint>): void => {
          told.push({ member, positions });
          heard.resolve();
          heard = Promise.withResolvers();
        };
        readers.push(openReader(logs[member]!, topic, { group, from: "earliest", onPlace }));
      };
      const until = async (what: string, isTrue: () => boolean): Promise<void> => {
        while (!isTrue()) await within(what, heard.promise);
      };
      const positionsOf = (member: number) =>
        told.findLast((each) => each.member === member)?.positions;

      join(0);
      const taken = readers[0]!.take(4, (batch) => batch.commit());
      await until("hearing where it begins", () => positionsOf(0) !== undefined);
      assert.ok([...positionsOf(0) ?? []].every(([, position]) => position === 0n));
      await taken;
      join(1);
      const next = readers[1]!.next();
      if (guarantees.groupMembers === "stand by") {
        await until("standing by", () => positionsOf(1)?.size === 0);
        await readers[0]!.leave();
        await until("taking over", () => positionsOf(1)?.size === 1);
        assert.deepEqual([...positionsOf(1) ?? []], [[0, 4n]]);
      } else {
        await until("having a share", () => (positionsOf(1)?.size ?? 0) > 0);
        await readers[0]!.leave();
      }
      await publishAll(logs[1]!, topic, [inOnePartition("last")]);
      assert.equal((await next)?.records.length, 1);
      await readers[1]!.leave();
    },
  },
  {
    id: "G2",
    name: "members share the partitions: each has some, none has another's, all is read",
    outside: (g) => g.groupMembers === "share" ? undefined : "one member is active, others wait",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(2);
      const [topic, group] = [place.topic("share"), place.group("share")];
      await publishAll(logs[0]!, topic, [inOnePartition("first")]);
      const abort = new AbortController();
      let round = 0;
      let seen: { readonly member: number; readonly partition: number; readonly value: string }[] =
        [];
      let wake = (): void => {};
      const members = logs.map(async (log, member) => {
        const options = { group, from: "earliest", signal: abort.signal } as const;
        for await (const { records, partition, commit } of log.subscribe(topic, options)) {
          seen.push(...valuesOf(records).map((value) => ({ member, partition, value })));
          await commit().catch(() => {}); // Revoked while the members find their places.
          wake();
        }
      });
      try {
        const deadline = performance.now() + patience.deadlineMs;
        // Members find their places in their own time; then all that a round publishes is divided.
        do {
          assert.ok(
            performance.now() < deadline,
            `members do not share after ${round} rounds: ${ownersOf(seen)}`,
          );
          seen = [];
          const values = series(`round-${round++}-`, 30);
          await publishAll(
            logs[0]!,
            topic,
            values.map((key) => ({ key, value: bytes(key) })),
          );
          while (!values.every((value) => seen.some((record) => record.value === value))) {
            await within(`reading round ${round}`, new Promise<void>((done) => wake = done));
          }
        } while (!isShared(seen));
      } finally {
        abort.abort();
      }
      await within("leaving", Promise.all(members));
    },
  },
  {
    id: "G5",
    name: "a commit after the member has left is refused with revoked",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("left"), place.group("left")];
      await publishAll(log, topic, series("v", 3).map(inOnePartition));
      const reader = openReader(log, topic, { group, from: "earliest" });
      const batch = await reader.next();
      assert.ok(batch, "missing: the first batch");
      await reader.leave();
      await rejectsWith("revoked", batch.commit());
      const second = openReader(log, topic, { group, until: "end" });
      await second.takes(series("v", 3));
      await second.leave();
    },
  },
];

interface Waiting {
  readonly reader: Reader;
  readonly batch: Promise<RecordBatch | undefined>;
}

/** Rejects when it gets anything. */
async function assertWaits({ batch }: Waiting): Promise<never> {
  const came = list(valuesOf((await batch)?.records ?? []));
  return assert.fail(`${came} came to a member that should wait for its place`);
}

const standBy = (reader: Reader): Waiting => ({ reader, batch: reader.next() });

async function firstToGet(waiting: readonly Waiting[]) {
  const got = await Promise.race(
    waiting.map(async ({ reader, batch }) => ({ reader, batch: await batch })),
  );
  assert.ok(got.batch, "a member that waits for its place ended");
  return { reader: got.reader, batch: got.batch };
}

/** A batch that begins with these, as far as it goes. */
function assertBegins(batch: RecordBatch, wanted: readonly string[]): void {
  const came = valuesOf(batch.records);
  assert.equal(came[0], wanted[0], `missing: "${wanted[0]}"; "${came[0]}" came in its place`);
  assert.deepEqual(came, wanted.slice(0, came.length));
  assert.ok(came.length >= 3, `${came.length} of ${wanted.length} records came in one batch`);
}

interface Seen {
  readonly member: number;
  readonly partition: number;
}

/** Whether each member has partitions, and none of them is another's. */
function isShared(seen: readonly Seen[]): boolean {
  const members = new Set(seen.map(({ member }) => member));
  const pairs = new Set(seen.map(({ member, partition }) => `${member} ${partition}`));
  const partitions = new Set(seen.map(({ partition }) => partition));
  return members.size === 2 && pairs.size === partitions.size;
}

const ownersOf = (seen: readonly Seen[]): string =>
  [...new Set(seen.map((s) => `partition ${s.partition} is member ${s.member}'s`))].join(", ");
