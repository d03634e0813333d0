/** A subscription that starts at a time. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { denoDisk } from "../../../adapters/queue/file_log/disk/deno_disk.ts";
import type { Disk } from "../../../adapters/queue/file_log/disk/disk.ts";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import type { StartFrom } from "../../../src/ports/event_source.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { createFakeClock, type FakeClock } from "../../fake_clock.ts";

const topic = "events";
const minuteMs = 60_000;

interface TimedLog {
  readonly directory: string;
  readonly clock: FakeClock;
  /** The time of each record, by offset. */
  readonly times: readonly number[];
  readonly segments: () => readonly string[];
  readonly firstFrom: (from: StartFrom, disk?: Disk) => Promise<number | string>;
}

/**
 * A log with a record a minute, two to a segment, whose publishers set their timestamps to
 * anything.
 */
async function withTimedLog(count: number, work: (log: TimedLog) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "start_from_" });
  const clock = createFakeClock();
  const options = { directory, clock, segmentBytes: 8192, reserveBytes: 0 };
  const times: number[] = [];
  try {
    {
      await using log = await openFileLog(options);
      for (let n = 0; n < count; n++) {
        await clock.advance(minuteMs);
        times.push(clock.now());
        const timestamp = n % 2 === 0 ? 0 : clock.now() + 1e10;
        await log.publish(topic, { value: new Uint8Array(1700), timestamp });
      }
    }
    await work({
      directory,
      clock,
      times,
      segments: () =>
        [...Deno.readDirSync(`${directory}/${topic}`)].map(({ name }) => name)
          .filter((name) => name.endsWith(".segment")).toSorted(),
      async firstFrom(from, disk = denoDisk) {
        await using log = await openFileLog({ ...options, disk });
        try {
          for await (const batch of log.subscribe(topic, { from, until: "end" })) {
            return Number(batch.records[0]?.offset);
          }
          return "end";
        } catch (error) {
          return error instanceof QueueError ? error.code : String(error);
        }
      },
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

describe("file log from a time", () => {
  it("starts at the first record that it took then, whatever the timestamps say", async () => {
    await withTimedLog(20, async ({ times, firstFrom, segments }) => {
      assert.ok(segments().length >= 8);
      for (const [offset, time] of times.entries()) {
        assert.equal(await firstFrom({ time }), offset);
        assert.equal(await firstFrom({ time: time - 1 }), offset);
        assert.equal(await firstFrom({ time: time + 1 }), offset === 19 ? "end" : offset + 1);
      }
      assert.equal(await firstFrom({ time: 0 }), 0);
    });
  });

  it("reads the headers of segments and the batches of one, not the log", async () => {
    await withTimedLog(40, async ({ times, firstFrom, segments }) => {
      const read = new Map<string, number>();
      const disk: Disk = {
        ...denoDisk,
        async open(path, mode) {
          const file = await denoDisk.open(path, mode);
          return {
            ...file,
            async read(position, into) {
              const count = await file.read(position, into);
              // Of a header, one page.
              if (position > 0) read.set(path, (read.get(path) ?? 0) + count);
              return count;
            },
          };
        },
      };
      assert.equal(await firstFrom({ time: times[20]! }, disk), 20);
      const ofSegments = [...read.keys()].filter((path) => path.endsWith(".segment"));
      // The one that holds it, and those that opening and reading look into.
      assert.ok(ofSegments.length <= 4, `${ofSegments.length} of ${segments().length} were read`);
    });
  });

  it("counts from the oldest record that is left, when the older ones are taken away", async () => {
    await withTimedLog(20, async ({ directory, clock, times, firstFrom, segments }) => {
      {
        const bound = { segmentBytes: 8192, maxBytes: 48 * 1024, reserveBytes: 0 };
        await using log = await openFileLog({ directory, clock, ...bound });
        await log.publish(topic, { value: null });
      }
      const oldest = Number.parseInt(segments()[0]!);
      assert.ok(oldest > 4 && oldest < 15, `the oldest is ${oldest}`);
      assert.equal(await firstFrom({ time: 0 }), oldest);
      assert.equal(await firstFrom({ time: times[1]! }), oldest);
      assert.equal(await firstFrom({ offset: 1n }), oldest);
      assert.equal(await firstFrom({ time: times[15]! }), 15);
    });
  });

  it("does not pass what is damaged in silence", async () => {
    await withTimedLog(20, async ({ directory, times, firstFrom, segments }) => {
      const base = Number.parseInt(segments()[3]!);
      const path = `${directory}/${topic}/${segments()[3]}`;
      const whole = Deno.readFileSync(path);
      for (const byte of [100, 4096 + 200]) {
        const bytes = whole.slice();
        bytes[byte]! ^= 1;
        Deno.writeFileSync(path, bytes);
        assert.equal(await firstFrom({ time: times[base]! + 1 }), "corrupt", `byte ${byte}`);
        assert.equal(await firstFrom({ time: times[base + 4]! }), base + 4);
      }
    });
  });

  it("a clock that was set back and forth does not matter: the log's time never goes back", async () => {
    const directory = await Deno.makeTempDir({ prefix: "start_from_" });
    const base = createFakeClock();
    let setMs = 0;
    const clock = { ...base, now: () => base.now() + setMs };
    try {
      await using log = await openFileLog({ directory, clock, reserveBytes: 0 });
      const yearMs = 365 * 24 * 60 * minuteMs;
      const publish = () => log.publish(topic, { value: null });
      await publish();
      setMs = yearMs;
      await publish();
      const later = clock.now();
      setMs = -yearMs;
      await publish();
      const subscription = log.subscribe(topic, { from: { time: later }, until: "end" });
      const offsets: bigint[] = [];
      for await (const { records } of subscription) offsets.push(...records.map((r) => r.offset));
      assert.deepEqual(offsets, [1n, 2n]);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});
