/** `groups`: what is shown of groups, and how one is set back. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { kept, runCommand, startCommand, until } from "./run_command.ts";

const topic = "lr-book-searches";
const bytes = (text: string) => new TextEncoder().encode(text);
const minuteMs = 60_000;

/** Ten records, one a minute up to now, and a group that has handled so many of them. */
async function logWith(groups: Readonly<Record<string, number>>): Promise<EventLog> {
  const log = openMemoryLog({ topics: [topic] });
  for (let n = 0; n < 10; n++) {
    const timestamp = Date.now() - (10 - n) * minuteMs;
    await log.publish(topic, { value: bytes(`${n}`), timestamp });
  }
  for (const [group, count] of Object.entries(groups)) await handle(log, group, count);
  return log;
}

async function handle(log: EventLog, group: string, count: number): Promise<void> {
  const batches = log.subscribe(topic, { group, from: "earliest", maxRecords: count });
  for await (const batch of batches) {
    await batch.commit();
    break;
  }
}

async function positionOf(log: EventLog, group: string): Promise<bigint | undefined> {
  return (await log.groups.describe(group)).positions[0]?.position;
}

const groups = (log: EventLog, ...args: readonly string[]) =>
  runCommand(["groups", ...args], { log: kept(log) });

describe("groups", () => {
  it("a line a partition says where a group stands, its lag, its age and its holder", async () => {
    const log = await logWith({ trends: 4, audit: 10 });
    const { code, stdout, stderr } = await groups(log);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(
      stdout,
      `in    group   topic             partition  position  end  lag  age    holder
test  audit   ${topic}  0          10        10   0    -      -
test  trends  ${topic}  0          4         10   6    6 min  -
`,
    );
  });

  it("JSON is one object, offsets as text, a group by its name", async () => {
    const log = await logWith({ trends: 4, audit: 10 });
    const { stdout } = await groups(log, "--group", "trends", "--format", "json");
    const { time, groups: found } = JSON.parse(stdout);
    assert.ok(Math.abs(time - Date.now()) < minuteMs);
    const [{ positions: [{ waitingSince, ...position }], ...group }, ...others] = found;
    assert.deepEqual(others, []);
    assert.deepEqual(group, { group: "trends", kind: "consumer", isActive: false, place: "test" });
    assert.ok(waitingSince < time - 5 * minuteMs);
    assert.deepEqual(position, { topic, partition: 0, position: "4", end: "10", lag: "6" });
  });

  it("a group that is read says so", async () => {
    const log = await logWith({});
    const stop = new AbortController();
    const { ready } = log.subscribe(topic, { group: "live", signal: stop.signal });
    await ready;
    assert.match((await groups(log)).stdout, /live .* 0 +- +this process$/m);
    stop.abort();
  });

  it("what is named and not there is told, exit code 1; no groups at all are none", async () => {
    const log = await logWith({ trends: 4 });
    const nobody = await groups(log, "--group", "trend");
    assert.deepEqual([nobody.code, nobody.stderr], [1, 'Group "trend" does not exist\n']);
    const nowhere = await groups(log, "--topic", "no-such");
    assert.deepEqual(
      [nowhere.code, nowhere.stderr],
      [1, 'No group has a position in topic "no-such"\n'],
    );
    const none = await groups(openMemoryLog());
    assert.deepEqual([none.code, none.stdout], [0, "No groups\n"]);
  });

  it("--watch looks again and again, until Ctrl-C", async () => {
    const log = await logWith({ trends: 4 });
    const watching = startCommand(["groups", "--watch", "--format", "json"], { log: kept(log) });
    await until(() => watching.written.stdout.includes('"position":"4"'));
    await handle(log, "trends", 2);
    await until(() => watching.written.stdout.includes('"position":"6"'));
    watching.stop();
    assert.equal((await watching.result).code, 0);
  });

  it("a log that is away is told by its name, and the other is shown, exit code 1", async () => {
    const log = kept(await logWith({ forwarder: 4 }));
    const away = () => Promise.reject(new QueueError("unavailable", "Broker is away"));
    const broken: EventLog = { ...log, groups: { ...log.groups, list: away } };
    const { code, stdout, stderr } = await runCommand(["groups"], {
      deadLetterPlaces: () => [
        { name: "buffer", open: () => Promise.resolve(log) },
        { name: "kafka", open: () => Promise.resolve(broken) },
      ],
    });
    assert.equal(code, 1);
    assert.match(stdout, /^buffer +forwarder/m);
    assert.equal(stderr, 'Groups of "kafka" cannot be seen: Broker is away\n');
  });

  it("memory lives in the service: that is said, not that there are none", async () => {
    for (const command of [["groups"], ["groups", "reset", "trends", "--to", "earliest"]]) {
      const { code, stdout, stderr } = await runCommand(command, {
        describeLog: () => ({
          processes: "one",
          place: "the memory of the service",
          shared: ["file"],
        }),
      });
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /whose records live in "the memory of the service"/);
    }
  });
});

describe("groups reset", () => {
  it("says before and after of each partition, and changes nothing without --execute", async () => {
    const log = await logWith({ trends: 4 });
    const { code, stdout, stderr } = await groups(log, "reset", "trends", "--to", "earliest");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(
      stdout,
      `Group trends in topic ${topic} of test
partition  before  after  moved by  end
0          4       0      -4        10
Nothing was changed, --execute does it
`,
    );
    assert.equal(await positionOf(log, "trends"), 4n);
  });

  for (
    const [to, position] of [
      ["earliest", 0n],
      ["latest", 10n],
      ["offset:7", 7n],
      ["time:0", 0n],
      ["-1d", 0n],
      ["time:2100-01-01T00:00:00Z", 10n],
    ] as const
  ) {
    it(`--to ${to} --execute moves it to ${position}`, async () => {
      const log = await logWith({ trends: 4 });
      const moved = await groups(log, "reset", "trends", "--to", to, "--execute");
      assert.deepEqual([moved.code, moved.stderr], [0, ""]);
      assert.match(moved.stdout, /^Moved$/m);
      assert.equal(await positionOf(log, "trends"), position);
    });
  }

  it("JSON says what was done", async () => {
    const log = await logWith({ trends: 4 });
    const args = ["reset", "trends", "--to", "offset:2", "--execute", "--format", "json"];
    assert.deepEqual(JSON.parse((await groups(log, ...args)).stdout), {
      place: "test",
      group: "trends",
      topic,
      isDone: true,
      partitions: [{ partition: 0, before: "4", after: "2", end: "10" }],
    });
  });

  it("a group that is read is left alone, and a look says that it is read", async () => {
    const log = await logWith({ trends: 4 });
    const stop = new AbortController();
    const { ready } = log.subscribe(topic, { group: "trends", signal: stop.signal });
    await ready;
    const args = ["reset", "trends", "--to", "earliest"];
    const told = await groups(log, ...args);
    assert.equal(told.code, 0);
    assert.match(told.stderr, /^Group "trends" is read now: end its members before --execute$/m);
    const refused = await groups(log, ...args, "--execute");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^Group "trends" has a member that reads for it, wanted none/);
    assert.equal(await positionOf(log, "trends"), 4n);
    stop.abort();
  });

  it("what is not there is told: the group, its place in another log, the topic", async () => {
    const log = await logWith({ trends: 4 });
    const nobody = await groups(log, "reset", "trend", "--to", "earliest");
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /^Group "trend" has no position in topic "lr-book-searches"\nSee /);
    const gone = await groups(log, "reset", "trends", "--to", "earliest", "--topic", "gone");
    assert.match(gone.stderr, /^Topic "gone" does not exist/);
    const other = await runCommand(["groups", "reset", "forwarder", "--to", "earliest"], {
      deadLetterPlaces: () =>
        ["buffer", "kafka"].map((name) => ({ name, open: () => Promise.resolve(kept(log)) })),
    });
    assert.match(other.stderr, /of "kafka", wanted one that has; --in looks into "buffer"$/m);
    const wrong = await groups(log, "reset", "trends", "--to", "earliest", "--in", "cellar");
    assert.deepEqual([wrong.code, wrong.stderr], [2, 'Option "--in" is "cellar", wanted "test"\n']);
  });

  it("works on the files of a log that another process reads", async () => {
    const directory = await Deno.makeTempDir({ prefix: "groups_" });
    try {
      await using other = await openFileLog({ directory });
      for (let n = 0; n < 5; n++) await other.publish(topic, { value: bytes(`${n}`) });
      await handle(other, "trends", 3);
      const args = ["reset", "trends", "--to", "offset:1", "--execute"];
      const log = await openFileLog({ directory, topicPolicy: "never" });
      const { code, stdout } = await runCommand(["groups", ...args], { log });
      assert.equal(code, 0);
      assert.match(stdout, /^0 +3 +1 +-2 +5$/m);
      assert.equal(await positionOf(other, "trends"), 1n);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [["reset", "trends"], /required option '--to <where>' not specified/],
    [["reset", "--to", "latest"], /missing required argument 'group'/],
    ...["-10", "10m", "-m", "yesterday", "time:", "offset:-1"].map((to) =>
      [["reset", "trends", "--to", to], /Wanted earliest, latest, .*or how long ago: -90s/] as const
    ),
    [["rest", "trends", "--to", "latest"], /unknown option '--to'|too many arguments/],
    [["--watch", "--foramt", "json"], /unknown option '--foramt'[^]*Did you mean --format\?/],
  ];
  for (const [args, says] of wrong) {
    it(`"groups ${args.join(" ")}" is a wrong command line`, async () => {
      const { code, stdout, stderr } = await runCommand(["groups", ...args]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, says);
    });
  }
});
