/** Topics of earlier configurations: forwarded each to its own, or told. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { openFileLogTools } from "../../adapters/queue/file_log/operate/log_tools.ts";
import { systemClock } from "../../src/ports/clock.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventQueue } from "../../src/ports/event_queue.ts";
import type { LogTools } from "../../src/ports/log_tools.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { healthy } from "../../src/ports/queue_health.ts";
import { createEventReceipts } from "../../src/use_cases/event_receipts.ts";
import { findBacklogs } from "../../src/use_cases/find_backlogs.ts";
import { forwardBacklogs } from "../../src/use_cases/forward_backlogs.ts";
import { forwardEvents } from "../../src/use_cases/forward_events.ts";
import { forwarderGroup as group } from "../../src/use_cases/forwarder_group.ts";
import { until } from "../cli/run_command.ts";
import { createFakeClock } from "../fake_clock.ts";
import { event, text } from "./forwarder_bench.ts";
import { createRecordingTelemetry } from "./recording_telemetry.ts";

/** A buffer's directory, and brokers that take all but what a test refuses. */
async function scene() {
  const directory = await Deno.makeTempDir();
  const clock = createFakeClock();
  const telemetry = createRecordingTelemetry();
  const log = await openFileLog({ directory, requiredGroups: [group] });
  const arrived: string[] = [];
  const refusals = new Map<string, QueueError>();
  const target: Pick<EventQueue, "publish"> = {
    publish(topic, { value }) {
      const refusal = refusals.get(topic);
      if (refusal !== undefined) return Promise.reject(refusal);
      arrived.push(`${topic} ${text(value)}`);
      return Promise.resolve({ topic, partition: 0, offset: 0n, timestamp: 0 });
    },
  };
  const find = async (tools?: LogTools) =>
    findBacklogs(tools ?? await openFileLogTools({ directory }), group, "new");
  const forward = (topic: string, to = target, buffer = log) =>
    forwardEvents({
      buffer,
      target: { ...to, health: () => healthy, [Symbol.asyncDispose]: () => Promise.resolve() },
      topic,
      until: "end",
      means: `Events of "${topic}" wait`,
      receipts: createEventReceipts({ isDelivery: false }),
      clock: systemClock,
      telemetry,
      random: () => 0.5,
    });
  return {
    directory,
    log,
    clock,
    telemetry,
    arrived,
    refusals,
    find,
    target,
    forward,
    start: (given: Partial<Parameters<typeof forwardBacklogs>[0]> = {}) =>
      forwardBacklogs({
        find,
        forward: (topic) => forward(topic),
        clock,
        telemetry,
        ...given,
      }),
    /** As a shop accepts them that has a forwarder. */
    async accept(topic: string, count: number, from = 0): Promise<void> {
      for (let n = from; n < from + count; n++) await log.publish(topic, event("a", n));
      await leave(await member(topic));
    },
    member,
    async lag(topic: string): Promise<number | undefined> {
      const { topics } = await find();
      return topics.find((one) => one.topic === topic)?.lag;
    },
    async [Symbol.asyncDispose]() {
      await log[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };

  async function member(topic: string) {
    const reading = log.subscribe(topic, { group, from: "earliest" })[Symbol.asyncIterator]();
    await reading.next();
    return reading;
  }
}

const leave = (member: AsyncIterator<unknown>) => member.return?.();

describe("forwardBacklogs", () => {
  it("delivers what was accepted under other names, each to the topic of its name, in order", async () => {
    await using at = await scene();
    await at.accept("old", 5);
    await at.accept("older", 2);
    await at.accept("new", 1);
    const backlogs = at.start();
    await until(() => at.arrived.length === 7);
    const of = (topic: string) => at.arrived.filter((one) => one.startsWith(`${topic} `));
    assert.deepEqual(of("old"), ["old a0", "old a1", "old a2", "old a3", "old a4"]);
    assert.deepEqual(of("older"), ["older a0", "older a1"]);
    await until(async () => await at.lag("old") === 0 && await at.lag("older") === 0);
    assert.deepEqual(backlogs.topics, ["old", "older"]);
    assert.deepEqual(backlogs.health(), { status: "ok" });
    await backlogs.stop(1000);
  });

  it("leaves alone what was never accepted for it: other topics, and dead letters", async () => {
    await using at = await scene();
    {
      await using other = await openFileLog({ directory: at.directory });
      await other.publish("foreign", event("a", 1));
    }
    await at.accept("old.dlq", 1);
    await at.accept("old", 1);
    const backlogs = at.start();
    await until(() => at.arrived.length > 0);
    await until(async () => await at.lag("old") === 0);
    assert.deepEqual(backlogs.topics, ["old"]);
    await backlogs.stop(1000);
    assert.deepEqual(at.arrived, ["old a0"]);
    assert.deepEqual((await at.find()).others, ["foreign"]);
  });

  it("one that cannot go holds up no other, and is told with its name", async () => {
    await using at = await scene();
    await at.accept("gone", 3);
    await at.accept("old", 2);
    at.refusals.set("gone", new QueueError("unknown_topic", 'Topic "gone" does not exist'));
    const backlogs = at.start();
    await until(() => at.arrived.length === 2);
    await until(() => backlogs.health().status === "degraded");
    assert.deepEqual(backlogs.health(), {
      status: "degraded",
      reason: "unknown_topic",
      detail: 'Events of "gone" wait: Topic "gone" does not exist',
    });
    at.refusals.clear();
    await until(() => at.arrived.length === 5);
    await until(() => backlogs.health().status === "ok");
    await backlogs.stop(1000);
    assert.equal(await at.lag("gone"), 0);
  });

  it("what is refused after all was read is tried again, too", async () => {
    await using at = await scene();
    await at.accept("old", 2);
    const isRead = Promise.withResolvers<void>();
    const buffer: EventLog = {
      ...at.log,
      subscribe(topic, options) {
        const reading = at.log.subscribe(topic, options)[Symbol.asyncIterator]();
        const next = async () => {
          const result = await reading.next();
          if (result.done) isRead.resolve();
          return result;
        };
        const iterator = { next, return: () => reading.return!() };
        return { ready: Promise.resolve(), [Symbol.asyncIterator]: () => iterator };
      },
    };
    let refused = 0;
    const late: Pick<EventQueue, "publish"> = {
      async publish(topic, record) {
        await isRead.promise;
        if (refused++ < 2) throw new QueueError("unavailable", "Brokers are away");
        return at.target.publish(topic, record);
      },
    };
    const forwarder = at.forward("old", late, buffer);
    await forwarder.ended;
    assert.deepEqual(at.arrived, ["old a0", "old a1"]);
    assert.equal(await at.lag("old"), 0);
  });

  it("takes over what another process leaves, within a minute, and nothing that it holds", async () => {
    await using at = await scene();
    await at.accept("old", 2);
    const other = await at.member("old");
    const backlogs = at.start();
    await until(() => backlogs.topics.length === 1);
    await at.log.publish("old", event("a", 2));
    await leave(other);
    assert.deepEqual(at.arrived, []);
    const minutesPass = (arrived: number) =>
      until(async () => {
        await at.clock.advance(60_000);
        return at.arrived.length === arrived;
      });
    await minutesPass(3);
    await until(async () => await at.lag("old") === 0);
    await at.accept("old", 1, 3);
    await minutesPass(4);
    await backlogs.stop(1000);
  });

  it("tells of a folder that cannot be read, and of a copy, which it does not deliver", async () => {
    await using at = await scene();
    await at.accept("old", 1);
    await at.log[Symbol.asyncDispose]();
    Deno.mkdirSync(`${at.directory}/copy`);
    for (const { name } of Deno.readDirSync(`${at.directory}/old`)) {
      Deno.copyFileSync(`${at.directory}/old/${name}`, `${at.directory}/copy/${name}`);
    }
    Deno.mkdirSync(`${at.directory}/lost+found`);
    const tools = await openFileLogTools({ directory: at.directory });
    const hidden = { name: "hidden", path: "/hidden", mayBeTopic: true, why: "it is hidden" };
    const { topics, stuck } = await at.find({
      ...tools,
      passedOver: async () => [...await tools.passedOver(), hidden],
    });
    assert.deepEqual(topics, []);
    assert.deepEqual(stuck.map(({ topic }) => topic), ["hidden", "copy", "old"]);
    const backlogs = at.start({ find: () => Promise.resolve({ topics, stuck, others: [] }) });
    await until(() => backlogs.health().status === "degraded");
    const health = backlogs.health();
    assert.ok(health.status === "degraded");
    assert.match(health.detail, /"\/hidden": it is hidden; give the shop the right/);
    assert.match(health.detail, /\/copy" is a copy of topic "old": move one of them elsewhere/);
    assert.equal(at.telemetry.gauges["shelfcast.forwarder.stuck_topics"], 3);
    assert.deepEqual(at.arrived, []);
    await backlogs.stop(1000);
    // A copy's events are certainly somebody's; the hidden folder is hardly a forwarder's.
    const without = forwardBacklogs({
      find: () => Promise.resolve({ topics, stuck, others: [] }),
      clock: at.clock,
      telemetry: at.telemetry,
    });
    await until(() => without.health().status === "degraded");
    const told = without.health();
    assert.ok(told.status === "degraded" && !told.detail.includes("hidden"));
    await without.stop(1000);
  });

  it("says what waits where this configuration forwards nothing", async () => {
    await using at = await scene();
    await at.accept("old", 5);
    const { topics } = await at.find();
    const whyNot = 'nothing forwards them, as mq.adapter is "file"';
    const backlogs = forwardBacklogs({
      find: at.find,
      whyNot,
      clock: at.clock,
      telemetry: at.telemetry,
    });
    assert.equal(topics.length, 1);
    await until(() => backlogs.health().status === "degraded");
    assert.deepEqual(backlogs.health(), {
      status: "degraded",
      reason: "unavailable",
      detail: `Events wait in the buffer, 5 of topic "old": ${whyNot}`,
    });
    assert.deepEqual(at.arrived, []);
    await backlogs.stop(1000);
  });
});
