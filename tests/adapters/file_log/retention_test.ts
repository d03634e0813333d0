/** What is taken away for size and age, and what never. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Clock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { createFakeClock } from "../../fake_clock.ts";
import { directory, fastClock, openOn, topic } from "./crash_scenario.ts";
import { createMemoryDisk, type MemoryDisk } from "./memory_disk.ts";

const recordBytes = 1000;
const maxBytes = 64 * 1024;
const hourMs = 3_600_000;

/** Time that passes when it is told to, and a clock that can also be set. */
function settableTime() {
  const clock: Clock = fastClock();
  let [passedMs, setMs] = [0, 0];
  return {
    clock: { ...clock, now: () => clock.now() + passedMs + setMs },
    elapsedMs: () => passedMs,
    pass: (ms: number) => void (passedMs += ms),
    set: (ms: number) => void (setMs += ms),
  };
}

async function publish(log: EventLog, count: number): Promise<string> {
  try {
    for (let n = 0; n < count; n++) {
      await log.publish(topic, { value: new Uint8Array(recordBytes) });
    }
    return "accepted";
  } catch (error) {
    return error instanceof QueueError ? error.code : String(error);
  }
}

async function readOffsets(log: EventLog, group?: string): Promise<readonly number[]> {
  const options = { from: "earliest", until: "end", ...(group && { group }) } as const;
  const offsets: number[] = [];
  for await (const batch of log.subscribe(topic, options)) {
    offsets.push(...batch.records.map(({ offset }) => Number(offset)));
    if (group) await batch.commit();
  }
  return offsets;
}

const segmentsOf = ({ state }: MemoryDisk): readonly string[] =>
  [...state.names.keys()].filter((path) => path.endsWith(".segment"));

const isRun = (offsets: readonly number[]): boolean =>
  offsets.every((offset, n) => n === 0 || offset === (offsets[n - 1] ?? 0) + 1);

describe("file log with bounds", () => {
  it("stays below maxBytes by taking the oldest segments away", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk, { maxBytes });
    assert.equal(await publish(log, 300), "accepted");
    const offsets = await readOffsets(log);
    assert.ok(offsets[0]! > 200 && offsets.at(-1) === 299 && isRun(offsets));
    const bytes = segmentsOf(disk).reduce(
      (sum, path) => sum + disk.state.files.get(disk.state.names.get(path) as number)!.length,
      0,
    );
    assert.ok(bytes <= maxBytes + 16 * 1024, `${bytes} bytes`);
  });

  it("what a repair kept counts, and goes before a new record is refused", async () => {
    const oldest = ["00000000000000000000.segment.broken", "00000000000000000000.segment.broken.2"];
    const kept = "00000000000000000009.segment.broken";
    for (const requiredGroups of [[], ["forwarder"]]) {
      const disk = createMemoryDisk();
      await using log = await openOn(disk, { maxBytes, requiredGroups });
      await publish(log, 1);
      for (const name of [...oldest, kept]) {
        const file = await disk.open(`${directory}/${topic}/${name}`, "create");
        await file.write(0, new Uint8Array(maxBytes / 4));
        file.close();
      }
      const ends = await publish(log, 300);
      const paths = [...disk.state.names.keys()];
      const broken = paths.filter((path) => path.includes(".broken"));
      const bytes = [...segmentsOf(disk), ...broken].reduce(
        (sum, path) => sum + disk.state.files.get(disk.state.names.get(path) as number)!.length,
        0,
      );
      assert.ok(bytes <= maxBytes + 16 * 1024, `${bytes} bytes`);
      const isRequired = requiredGroups.length > 0;
      assert.equal(ends, isRequired ? "full" : "accepted");
      assert.deepEqual(broken, isRequired ? [] : [`${directory}/${topic}/${kept}`]);
      const offsets = await readOffsets(log);
      assert.ok(isRequired ? offsets.length > 35 && offsets[0] === 0 : offsets.at(-1) === 300);
    }
  });

  it("takes segments away whose newest record is too old, and no other", async () => {
    const disk = createMemoryDisk();
    const { clock, elapsedMs, pass } = settableTime();
    await using log = await openOn(disk, { clock, elapsedMs, maxAgeMs: hourMs });
    await publish(log, 40);
    pass(hourMs / 2);
    await publish(log, 40);
    assert.equal((await readOffsets(log))[0], 0);
    pass(hourMs / 2);
    await publish(log, 1);
    const offsets = await readOffsets(log);
    assert.ok(offsets[0]! > 20 && offsets[0]! <= 40, `begins at ${offsets[0]}`);
    assert.ok(isRun(offsets));
  });

  it("takes away what has become too old while nothing is appended", async () => {
    const disk = createMemoryDisk();
    const clock = createFakeClock();
    const timers = clock.timers;
    {
      const elapsedMs = clock.now;
      await using log = await openOn(disk, { clock, elapsedMs, maxAgeMs: 2 * hourMs });
      await publish(log, 40);
      await clock.advance(hourMs);
      const segments = segmentsOf(disk).length;
      await clock.advance(hourMs + 2 * 60_000);
      for (let turn = 0; turn < 1000 && segmentsOf(disk).length > 1; turn++) {
        await clock.advance(60_000);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      assert.ok(segments > 3 && segmentsOf(disk).length === 1, `${segments} segments before`);
    }
    assert.equal(clock.timers, timers, "timers are left");
  });

  it("a clock that is set, forwards or back, makes nothing older, also over a restart", async () => {
    const disk = createMemoryDisk();
    const time = settableTime();
    for (const ms of [-365 * 24 * hourMs, 2 * 365 * 24 * hourMs, 0]) {
      await using log = await openOn(disk, { ...time, maxAgeMs: 48 * hourMs });
      assert.equal(await publish(log, 20), "accepted");
      time.set(ms);
      assert.equal(await publish(log, 20), "accepted");
      time.pass(60_000);
      assert.equal(await publish(log, 1), "accepted");
      time.set(-ms);
    }
    await using log = await openOn(disk, { ...time, maxAgeMs: 48 * hourMs });
    assert.equal((await readOffsets(log)).length, 3 * 41);
  });

  it("at maxBytes a required group that is behind makes it refuse with full, until it has read on", async () => {
    const disk = createMemoryDisk();
    const { clock, elapsedMs, pass } = settableTime();
    const options = { clock, elapsedMs, maxBytes, requiredGroups: ["forwarder"] };
    await using log = await openOn(disk, options);
    assert.equal(await publish(log, 300), "full");
    const kept = await readOffsets(log);
    assert.ok(kept[0] === 0 && isRun(kept) && kept.length > 35, `${kept.length} kept`);
    assert.deepEqual(await readOffsets(log, "forwarder"), kept);
    pass(1000);
    assert.equal(await publish(log, 1), "accepted");
    assert.ok((await readOffsets(log))[0]! > 0);
  });

  it("what a required group has not read is never too old; what it has read stays a while", async () => {
    const disk = createMemoryDisk();
    const { clock, elapsedMs, pass } = settableTime();
    const options = {
      clock,
      elapsedMs,
      requiredGroups: ["forwarder"],
      maxAgeMs: 48 * hourMs,
      keepDeliveredMs: 24 * hourMs,
    };
    await using log = await openOn(disk, options);
    await publish(log, 40);
    pass(100 * hourMs);
    await publish(log, 1);
    assert.equal((await readOffsets(log, "forwarder")).length, 41);
    assert.equal((await readOffsets(log))[0], 0);
    pass(60_000);
    await publish(log, 20);
    const begin = (await readOffsets(log))[0]!;
    assert.ok(begin > 20 && begin <= 40, `begins at ${begin}`);
    await readOffsets(log, "forwarder");
    pass(23 * hourMs);
    await publish(log, 1);
    assert.equal((await readOffsets(log))[0], begin, "read, but not long ago");
    pass(2 * hourMs);
    await publish(log, 1);
    assert.ok((await readOffsets(log))[0]! > begin);
  });

  it("with retainPastGroups it accepts, and the group counts what it could not read", async () => {
    const disk = createMemoryDisk();
    const told = new Map<string, number>();
    const telemetry = {
      count(name: string, { reason = "" } = {}, by = 1) {
        if (!name.endsWith(".dropped")) return;
        told.set(reason, (told.get(reason) ?? 0) + by);
      },
      gauge() {},
      histogram() {},
    };
    const options = { maxBytes, requiredGroups: ["forwarder"], retainPastGroups: true, telemetry };
    await using log = await openOn(disk, options);
    await publish(log, 10);
    await readOffsets(log, "forwarder");
    assert.equal(await publish(log, 290), "accepted");
    const read = await readOffsets(log, "forwarder");
    assert.ok(isRun(read) && read.at(-1) === 299);
    assert.equal(told.get("retention"), 300 - 10 - read.length);
  });

  it("a reader that is overtaken goes on where the log begins", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk, { maxBytes });
    await publish(log, 30);
    await using other = await openOn(disk, { maxBytes });
    const reading = other.subscribe(topic, { from: "earliest", maxRecords: 1 })
      [Symbol.asyncIterator]();
    const first = await reading.next();
    assert.equal(first.value?.records[0]?.offset, 0n);
    await publish(log, 270);
    let [last, count] = [0n, 1];
    while (last < 299n) {
      const { value } = await reading.next();
      for (const { offset } of value?.records ?? []) {
        assert.ok(offset > last);
        last = offset;
        count++;
      }
    }
    assert.ok(count < 150, `${count} read`);
    await reading.return?.();
  });

  it("a required group finds segments corrupt that are missing before its position was passed", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk, { requiredGroups: ["forwarder"] });
    await publish(log, 1);
    await readOffsets(log, "forwarder");
    await publish(log, 40);
    const first = segmentsOf(disk).toSorted()[0] ?? "";
    const without = createMemoryDisk([...disk.steps, { kind: "remove", path: first }]);
    await using after = await openOn(without, { requiredGroups: ["forwarder"] });
    await assert.rejects(
      readOffsets(after, "forwarder"),
      (error) => error instanceof QueueError && error.code === "corrupt",
    );
  });
});
