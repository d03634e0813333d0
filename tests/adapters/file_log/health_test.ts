/** The file log says what would refuse an append, until an append would succeed. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DiskError } from "../../../adapters/queue/file_log/disk/disk_error.ts";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import type { FileLogOptions } from "../../../adapters/queue/file_log/file_log_options.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { directory, fastClock, openOn, topic } from "./crash_scenario.ts";
import { createMemoryDisk, type DiskFaults, type MemoryDisk } from "./memory_disk.ts";

interface Bench {
  readonly log: EventLog;
  readonly disk: MemoryDisk;
  pass(ms: number): void;
  /** The reason, or ok; as it is told at once. */
  reason(): string;
  /** Asks again and again for as long as five seconds, in which nothing is published. */
  becomes(wanted: string): Promise<void>;
  publish(bytes?: number): Promise<unknown>;
}

async function bench(
  faults: DiskFaults,
  options: Partial<FileLogOptions>,
  test: (bench: Bench) => Promise<void>,
): Promise<void> {
  const disk = createMemoryDisk([], faults);
  const fast = fastClock();
  let passedMs = 0;
  const clock = { ...fast, now: () => fast.now() + passedMs };
  await using log = await openOn(disk, { clock, topics: [topic], ...options });
  const reason = (): string => {
    const health = log.health();
    return health.status === "ok" ? health.status : health.reason;
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
  await test({
    log,
    disk,
    reason,
    pass: (ms) => void (passedMs += ms),
    async becomes(wanted) {
      for (let asked = 0; asked < 5 && reason() !== wanted; asked++) {
        await settle();
        passedMs += 1000;
      }
      assert.equal(reason(), wanted, JSON.stringify(log.health()));
      await settle();
    },
    publish: (bytes = 100) => log.publish(topic, { value: new Uint8Array(bytes) }),
  });
}

const denied = (): never => {
  throw new DiskError("denied", "Read-only file system");
};

describe("file log health", () => {
  it("a full disk: told from the first refusal until there is room, and never ok between", async () => {
    let room = Infinity;
    const write = (path: string, bytes: Uint8Array) =>
      path.endsWith(".segment") ? Math.min(room, bytes.length) : bytes.length;
    await bench({ write }, {}, async ({ log, reason, becomes, publish, pass }) => {
      await becomes("ok");
      room = 0;
      await assert.rejects(publish());
      for (let second = 0; second < 30; second++) {
        assert.equal(reason(), "full");
        pass(1000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      assert.match(JSON.stringify(log.health()), /No space left on device: free space/);
      room = Infinity;
      await becomes("ok");
      await publish();
      let count = 0;
      for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
        count += records.length;
      }
      assert.equal(count, 1, "looking for room leaves nothing behind");
    });
  });

  it("room for a small record is no room for the one that was refused", async () => {
    let room = Infinity;
    const write = (path: string, bytes: Uint8Array) =>
      path.endsWith(".segment") ? Math.min(room, bytes.length) : bytes.length;
    await bench({ write }, {}, async ({ reason, becomes, publish, pass }) => {
      await becomes("ok");
      room = 500;
      await assert.rejects(publish(2000));
      for (let second = 0; second < 10; second++) {
        assert.equal(reason(), "full");
        pass(1000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      room = Infinity;
      await becomes("ok");
    });
  });

  it("a disk below its reserve is told and is over without a search", async () => {
    let free = 2 ** 30;
    const reserveBytes = 2 ** 20;
    await bench({ freeBytes: () => free }, { reserveBytes }, async ({ becomes, publish }) => {
      await becomes("ok");
      free = reserveBytes - 1;
      await becomes("full");
      free = 2 ** 30;
      await becomes("ok");
      await publish();
    });
  });

  it("a disk that becomes read-only is told, and its recovery", async () => {
    let isReadOnly = false;
    const write = (_: string, bytes: Uint8Array) => isReadOnly ? denied() : bytes.length;
    await bench({ write }, {}, async ({ log, becomes, publish }) => {
      await becomes("ok");
      isReadOnly = true;
      await assert.rejects(publish());
      await becomes("unauthorized");
      assert.match(JSON.stringify(log.health()), /Read-only file system: give the user/);
      isReadOnly = false;
      await becomes("ok");
      await publish();
    });
  });

  it("a failed sync is told as what it was, and is over with the next look", async () => {
    let isFailing = false;
    const sync = (path: string): void => {
      if (isFailing && path.endsWith(".segment")) throw new DiskError("failed", "I/O error");
    };
    await bench({ sync }, {}, async ({ log, reason, becomes, publish }) => {
      await becomes("ok");
      isFailing = true;
      await assert.rejects(publish());
      assert.equal(reason(), "outcome_unknown");
      assert.match(JSON.stringify(log.health()), /Could not sync .*: look at the disk/);
      isFailing = false;
      await becomes("ok");
      await publish();
    });
  });

  it("a topic that could not be opened at the start is told at once, and its recovery", async () => {
    let isReadOnly = true;
    const write = (_: string, bytes: Uint8Array) => isReadOnly ? denied() : bytes.length;
    await bench({ write }, {}, async ({ reason, becomes }) => {
      assert.equal(reason(), "unauthorized");
      isReadOnly = false;
      await becomes("ok");
    });
  });

  it("a missing topic that is not made is told, until it is made", async () => {
    await bench({}, { topicPolicy: "validate" }, async ({ disk, becomes, publish }) => {
      await becomes("unknown_topic");
      await using _other = await openOn(disk, { topics: [topic] });
      await becomes("ok");
      await publish();
    });
  });

  it("a lock that another process holds and does not give back", async () => {
    await bench({}, {}, async ({ log, disk, reason, becomes, publish }) => {
      await becomes("ok");
      const lock = await disk.open(`${directory}/${topic}/lock`, "read");
      while (!lock.tryLock()) await new Promise((resolve) => setTimeout(resolve, 1));
      try {
        await becomes("timeout");
        // In the end it is known that it is the lock.
        while (reason() !== "unavailable") await new Promise((resolve) => setTimeout(resolve, 10));
        assert.match(JSON.stringify(log.health()), /Another process holds the topic's lock/);
      } finally {
        lock.unlock();
      }
      await becomes("ok");
      await publish();
    });
  });

  it("a write that hangs is told while it hangs", async () => {
    let hanging: Promise<number> | undefined;
    const release = Promise.withResolvers<number>();
    const write = (path: string, bytes: Uint8Array) =>
      path.endsWith(".segment") ? hanging ?? bytes.length : bytes.length;
    await bench({ write }, {}, async ({ becomes, publish, reason }) => {
      await becomes("ok");
      hanging = release.promise;
      const published = publish().catch(() => {});
      await becomes("timeout");
      hanging = undefined;
      release.resolve(2 ** 20);
      await published;
      assert.equal(reason(), "ok");
    });
  });

  it("asking costs a look every two seconds, and writes nothing where all is well", async () => {
    let looks = 0;
    const freeBytes = () => {
      looks++;
      return 2 ** 40;
    };
    await bench({ freeBytes }, {}, async ({ disk, reason, pass, publish }) => {
      await publish();
      const before = disk.steps.length;
      looks = 0;
      for (let ms = 0; ms < 20_000; ms += 100) {
        assert.equal(reason(), "ok");
        pass(100);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      assert.ok(looks >= 5 && looks <= 11, `${looks} looks in 20 s`);
      assert.equal(disk.steps.length, before);
    });
  });
});

describe("file log health on a real disk", () => {
  it("a directory that is deleted is made again, without a search", async () => {
    const parent = await Deno.makeTempDir({ prefix: "file_log_health_" });
    const path = `${parent}/queue`;
    let passedMs = 0;
    const clock = { ...fastClock(), now: () => Date.now() + passedMs };
    {
      await using log = await openFileLog({ directory: path, clock, topics: [topic] });
      await log.publish(topic, { value: null });
      await Deno.remove(path, { recursive: true });
      const deadline = performance.now() + 30_000;
      while (log.health().status !== "ok" || !await isThere(`${path}/${topic}`)) {
        assert.ok(performance.now() < deadline, JSON.stringify(log.health()));
        passedMs += 500;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await log.publish(topic, { value: null });
    }
    await Deno.remove(parent, { recursive: true });
  });
});

const isThere = (path: string): Promise<boolean> => Deno.stat(path).then(() => true, () => false);
