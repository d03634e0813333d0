/** `consume`: what is printed, committed and answered. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import type { RecordBatch } from "../../src/ports/event_source.ts";
import { QueueError, type QueueErrorCode } from "../../src/ports/queue_error.ts";
import { healthy } from "../../src/ports/queue_health.ts";
import { createFakeClock } from "../fake_clock.ts";
import { kept, runCommand, startCommand, until } from "./run_command.ts";

const topic = "lr-book-searches";
const bytes = (text: string) => new TextEncoder().encode(text);
const record = (key: string, value: string): EventRecord => ({ key, value: bytes(value) });

async function logWith(...records: readonly EventRecord[]): Promise<EventLog> {
  const log = openMemoryLog({ topics: [topic] });
  for (const each of records) await log.publish(topic, each);
  return log;
}

const printed = (...pairs: readonly string[]) =>
  pairs.map((pair) => {
    const [key, value] = pair.split("=");
    return `Consumed message from topic ${topic}: key=${key}, value=${value}\n`;
  }).join("");

describe("consume", () => {
  it("prints a line a record", async () => {
    const log = await logWith(record("hunger", "[1]"), record("dune", "[]"));
    const args = ["consume", "--from", "earliest", "--until-end"];
    const { code, stdout, stderr } = await runCommand(args, { log });
    assert.equal(stdout, printed("hunger=[1]", "dune=[]"));
    assert.deepEqual([code, stderr], [0, ""]);
  });

  it("starts at the end without --from, and prints what comes", async () => {
    const log = await logWith(record("old", "1"));
    const command = startCommand(["consume", "--count", "1"], { log: kept(log) });
    // Published over and over until it is seen: nobody tells when the subscription stands.
    while (command.written.stdout === "") {
      await log.publish(topic, record("new", "2"));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assert.equal((await command.result).stdout, printed("new=2"));
    await log[Symbol.asyncDispose]();
  });

  for (
    const from of ["offset:2", "time:2026-01-01T01:00:00+01:00", "time:2026-01-01T00:00Z"] as const
  ) {
    it(`starts where --from ${from} says`, async () => {
      const clock = createFakeClock(Date.UTC(2025, 0, 1));
      const log = openMemoryLog({ topics: [topic], clock });
      for (const key of ["a", "b"]) await log.publish(topic, record(key, "1"));
      await clock.advance(Date.UTC(2026, 0, 1) - clock.now());
      await log.publish(topic, record("c", "1"));
      const args = ["consume", "--from", from, "--until-end"];
      assert.equal((await runCommand(args, { log })).stdout, printed("c=1"));
    });
  }

  it("says on stderr what it waits for, in a group where that begins", async () => {
    const log = await logWith(record("old", "1"), record("old", "2"));
    const alone = startCommand(["consume"], { log: kept(log) });
    await until(() => alone.written.stderr !== "");
    const hint = "; --from earliest would begin with the oldest record";
    assert.equal(alone.written.stderr, `Reading ${topic} from [0] @ offset 2${hint}\n`);
    alone.stop();
    assert.equal((await alone.result).stdout, "");

    const group = ["consume", "--group", "mine"];
    const member = startCommand(group, { log: kept(log) });
    await until(() => member.written.stderr !== "");
    assert.equal(
      member.written.stderr,
      `Group "mine" reads ${topic} from [0] @ offset 2${hint}, if the group had no position yet\n`,
    );
    const second = startCommand(group, { log: kept(log) });
    await until(() => second.written.stderr !== "");
    assert.equal(
      second.written.stderr,
      `Group "mine" has other members that read all of ${topic}: this one stands by\n`,
    );
    member.stop();
    await member.result;
    await until(() => second.written.stderr.includes("reads"));
    second.stop();
    await second.result;
    await log[Symbol.asyncDispose]();
  });

  it("--count ends it, and in a group commits exactly what was printed", async () => {
    const log = await logWith(...["a", "b", "c", "d"].map((key) => record(key, "1")));
    const args = ["consume", "--group", "g", "--from", "earliest"];
    const first = await runCommand([...args, "--count", "3"], { log: kept(log) });
    assert.equal(first.stdout, printed("a=1", "b=1", "c=1"));
    const second = await runCommand([...args, "--until-end"], { log });
    assert.equal(second.stdout, printed("d=1"));
  });

  it("--count in the middle of a batch commits up to there", async () => {
    const committed: (bigint | undefined)[] = [];
    const log = batchLog({ commit: (through) => void committed.push(through) }, 5);
    const { stdout } = await runCommand(["consume", "--group", "g", "--count", "3"], { log });
    assert.equal(stdout.split("\n").length - 1, 3);
    assert.deepEqual(committed, [2n]);
  });

  it("without a group stores nothing", async () => {
    const log = batchLog({ commit: () => assert.fail("committed") }, 5);
    assert.equal((await runCommand(["consume", "--until-end"], { log })).code, 0);
  });

  it("does not commit what it could not print", async () => {
    const log = batchLog({ commit: () => assert.fail("committed") }, 5);
    const stdout = { write: () => Promise.reject(new Deno.errors.BrokenPipe()) };
    const { code, stderr } = await runCommand(["consume", "--group", "g"], { log, stdout });
    assert.deepEqual([code, stderr], [0, ""]);
  });

  it("commits again where the queue was away for a moment", async () => {
    let calls = 0;
    const log = batchLog({
      commit() {
        if (++calls < 3) throw new QueueError("unavailable", "Away");
      },
    }, 1);
    const clock = createFakeClock();
    const command = startCommand(["consume", "--group", "g", "--until-end"], { log, clock });
    for (const failed of [1, 2]) {
      await until(() => calls === failed);
      await clock.advance(500 * failed);
    }
    assert.equal((await command.result).code, 0);
    assert.deepEqual([calls, clock.timers], [3, 0]);
  });

  it("Ctrl-C ends it also while it waits to commit again: once more, and then it says so", async () => {
    let calls = 0;
    const commit = () => {
      calls += 1;
      throw new QueueError("unavailable", "Away");
    };
    const clock = createFakeClock();
    const log = batchLog({ commit }, 1);
    const command = startCommand(["consume", "--group", "g"], { log, clock });
    await until(() => calls === 1);
    command.stop();
    const { code, stderr } = await command.result;
    assert.deepEqual([code, calls], [1, 2]);
    assert.match(stderr, /Away/);
  });

  it("goes on, and says so, where a partition went to another member", async () => {
    const commit = () => {
      throw new QueueError("revoked", "Gone");
    };
    const log = batchLog({ commit }, 2);
    const { code, stderr } = await runCommand(["consume", "--group", "g"], { log });
    assert.equal(code, 0);
    assert.equal(
      stderr,
      "Partition 0 went to another member of the group, which reads again from offset 0 or before\n",
    );
  });

  it("Ctrl-C ends it while it waits: says so on stderr, exits 0", async () => {
    const command = startCommand(["consume", "--from", "earliest"], {
      log: await logWith(record("a", "1")),
    });
    await until(() => command.written.stdout !== "");
    command.stop();
    const { code, stderr } = await command.result;
    assert.deepEqual([code, stderr], [0, "Aborted by user\n"]);
  });

  it("Ctrl-C ends it also while nobody reads what it prints, and commits nothing of that", async () => {
    let writes = 0;
    const command = startCommand(["consume", "--group", "g"], {
      log: batchLog({ commit: () => assert.fail("committed") }, 2),
      stdout: { write: () => (writes++, new Promise<void>(() => {})) },
    });
    await until(() => writes > 0);
    command.stop();
    assert.deepEqual((await command.result).code, 0);
  });

  it("commits what was printed while Ctrl-C came", async () => {
    let commits = 0;
    const command = startCommand(["consume", "--group", "g"], {
      log: batchLog({ commit: () => void commits++ }, 2),
      stdout: {
        write() {
          command.stop();
          return new Promise((resolve) => setTimeout(resolve, 5));
        },
      },
    });
    await command.result;
    assert.equal(commits, 1);
  });

  it("--topic names another topic", async () => {
    const log = openMemoryLog({ topics: ["other"] });
    await log.publish("other", record("a", "1"));
    const args = ["consume", "--topic", "other", "--from", "earliest", "--until-end"];
    assert.match((await runCommand(args, { log })).stdout, /^Consumed message from topic other: /);
  });

  it("closes the log, also after an error", async () => {
    for (const failing of [false, true]) {
      let closed = 0;
      const log = batchLog({ commit() {}, closed: () => closed++ }, 1);
      const stdout = {
        write: () => failing ? Promise.reject(new Error("disk")) : Promise.resolve(),
      };
      const { code, stderr } = await runCommand(["consume"], { log, stdout });
      assert.deepEqual([code, closed], failing ? [1, 1] : [0, 1]);
      assert.equal(stderr, failing ? "Error: disk\n" : "");
    }
  });

  const refused: readonly (readonly [name: string, code: QueueErrorCode, says: RegExp])[] = [
    ["an unknown topic", "unknown_topic", /^It failed\nPublish to it first, or name another/],
    // What to do about it is the queue's to say: a password or the owner of a folder.
    ["missing rights", "unauthorized", /^It failed\n$/],
    ["anything else", "corrupt", /^It failed\n$/],
  ];
  for (const [name, code, says] of refused) {
    it(`tells of ${name} on stderr and exits 1`, async () => {
      const log = batchLog({ commit() {}, error: new QueueError(code, "It failed") }, 1);
      const result = await runCommand(["consume"], { log });
      assert.equal(result.code, 1);
      assert.match(result.stderr, says);
    });
  }

  it("cannot read the memory of another process: says so, exits 1, opens nothing", async () => {
    for (const args of [["consume"], ["produce", "--value", "x"]]) {
      const { code, stdout, stderr } = await runCommand(args, {
        describeLog: () => ({
          processes: "one",
          place: "the memory of the service",
          shared: ["file", "kafka"],
        }),
        openLog: () => assert.fail("opened"),
      });
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(
        stderr,
        /in "the memory of the service" and cannot be reached from another process.*"file" or "kafka"\n$/,
      );
    }
  });

  it("tells all faults of the configuration and exits 1", async () => {
    const { code, stderr } = await runCommand(["consume", "--config", "no/such.yml"]);
    assert.equal(code, 1);
    assert.match(stderr, /no\/such\.yml does not exist/);
  });
});

interface BatchLogOptions {
  commit(through?: bigint): void;
  closed?(): void;
  readonly error?: QueueError;
}

/** A log that has one batch of so many records, whatever is asked for. */
function batchLog({ commit, closed, error }: BatchLogOptions, count: number): EventLog {
  const records = Array.from({ length: count }, (_, index) => ({
    key: null,
    value: bytes("v"),
    headers: [],
    timestamp: 0,
    offset: BigInt(index),
  }));
  const batch: RecordBatch = {
    topic,
    partition: 0,
    records,
    end: BigInt(count),
    // deno-lint-ignore require-await -- a commit never throws before it has returned a promise
    commit: async (through) => commit(through),
  };
  return {
    publish: () => Promise.reject(new QueueError("unsupported", "Not published to")),
    subscribe: () => ({
      ready: Promise.resolve(),
      async *[Symbol.asyncIterator]() {
        if (error !== undefined) throw error;
        yield batch;
      },
    }),
    groups: openMemoryLog().groups,
    health: () => healthy,
    [Symbol.asyncDispose]: () => Promise.resolve(closed?.()),
  };
}
