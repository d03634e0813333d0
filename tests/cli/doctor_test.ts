/** `doctor`: what is told of each part that is there, missing or wrong. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { DoctorServices } from "../../src/cli/doctor_services.ts";
import type { Probe } from "../../src/ports/adapter_declaration.ts";
import { lookAtTopic as lookAtLogTopic } from "../../adapters/queue/file_log/look_at_topic.ts";
import { lookAtTopic } from "../../adapters/queue/kafka/look_at_topic.ts";
import { openFileLogTools } from "../../adapters/queue/file_log/operate/log_tools.ts";
import { oldestWaiting } from "../../src/composition/oldest_waiting.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import type { TopicPolicy } from "../../src/ports/event_queue.ts";
import { rejectsWith } from "../contracts/law.ts";
import { createFakeClock } from "../fake_clock.ts";
import { runCommand, startCommand, until } from "./run_command.ts";
import { topic, withStoredLog } from "./stored_log.ts";

const found: Probe = { name: "database", run: () => Promise.resolve("answers") };
const wrong: Probe = {
  name: "brokers",
  run: () => Promise.reject(new QueueError("unavailable", "Nobody is there")),
};

const services = (probes: readonly Probe[], missing: readonly string[] = []): DoctorServices => ({
  missingPermissions: () => Promise.resolve(missing),
  narrowCommand: () => "deno run",
  cautions: () => [],
  probes: () => probes,
  openLedger: () => Promise.reject(new Error("Not asked for")),
  comparedLog: () => undefined,
});

describe("doctor", () => {
  it("lists what is well, and exits with 0", async () => {
    const { code, stdout } = await runCommand(["doctor"], { doctor: services([found]) });
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^ok {4}configuration .*\nok {4}permissions .*\nok {4}database +answers\n$/,
    );
  });

  it("lists what is wrong beside what is well, and exits with 1", async () => {
    const doctor = services([wrong, found], ["mq.brokers connects; wanted the flag --allow-net"]);
    const { code, stdout } = await runCommand(["doctor"], { doctor });
    assert.equal(code, 1);
    assert.match(
      stdout,
      /FAIL {2}permissions .*--allow-net\nFAIL {2}brokers +Nobody is there\nok /,
    );
    const json = await runCommand(["doctor", "--format", "json"], { doctor });
    const { checks } = JSON.parse(json.stdout);
    assert.deepEqual(checks[2], { name: "brokers", ok: false, what: "Nobody is there" });
  });

  it("does not wait for ever", async () => {
    const clock = createFakeClock();
    const hanging: Probe = { name: "database", run: () => new Promise(() => {}) };
    const command = startCommand(["doctor"], { doctor: services([hanging]), clock });
    await until(() => clock.timers === 1);
    await clock.advance(15_000);
    assert.match((await command.result).stdout, /FAIL {2}database +No answer within 15000 ms/);
  });

  it("tells all faults of the configuration", async () => {
    const { code, stderr } = await runCommand(["doctor", "--config", "no.yml"]);
    assert.equal(code, 1);
    assert.match(stderr, /no\.yml/);
  });

  it("looks at a file log, also at one that is not there yet", () =>
    withStoredLog(async (stored) => {
      const { directory } = stored;
      const look = async (topicPolicy: TopicPolicy = "ensure") =>
        await lookAtLogTopic(await openFileLogTools({ directory }), topic, {
          directory,
          topicPolicy,
          maxBytes: 2 ** 20,
          requiredGroups: [],
          retainPastGroups: false,
          reserveBytes: 1000,
          freeBytes: () => Promise.resolve(freeBytes),
        });
      let freeBytes: number | undefined = 10_000;
      assert.match(await look(), /^topic "events" in ".*" is made at the first start$/);
      for (const policy of ["validate", "never"] as const) {
        const { message } = await rejectsWith("unknown_topic", look(policy));
        assert.match(message, /does not exist in ".*": set mq\.topics to ensure \(it is \w+\)$/);
      }
      await stored.append(3);
      await stored.read({ group: "g" });
      await stored.append(2);
      assert.match(await look(), /ends at offset 5, g is 2 behind$/);
      freeBytes = 5000;
      const isFull = { code: "full", message: /5000 bytes left, wanted at least 5096: free some/ };
      await assert.rejects(look(), isFull);
      freeBytes = undefined;
      assert.match(await look(), /ends at offset 5/);
    }));

  it("a topic that is missing is a fault only where nobody makes it", async () => {
    const readExtent = () => Promise.reject(new QueueError("unknown_topic", "No such topic"));
    const options = {
      topic: "t",
      topicPolicy: "ensure",
      place: "b:1",
      clock: systemClock,
      tryTopic: () => Promise.resolve(),
    } as const;
    assert.match(await lookAtTopic(readExtent, options), /is made with the first event$/);
    const tryTopic = () => Promise.reject(new QueueError("unavailable", "Too few brokers"));
    await assert.rejects(lookAtTopic(readExtent, { ...options, tryTopic }), /Too few brokers/);
    const run = async () => await lookAtTopic(readExtent, { ...options, topicPolicy: "validate" });
    const { code, stdout } = await runCommand(["doctor"], {
      doctor: services([{ name: "brokers", run }]),
    });
    assert.equal(code, 1);
    assert.match(
      stdout,
      /does not exist: make it, or set mq\.topics to ensure \(it is validate\)\n$/,
    );
  });

  it("events that wait longer than the topic keeps records are a fault", async () => {
    const extent = { partition: 0, begin: 0n, end: 0n, retentionMs: 5000, retentionBytes: 9 };
    const readExtent = () => Promise.resolve([extent]);
    const clock = createFakeClock();
    const tryTopic = () => Promise.resolve();
    const options = { topic: "t", topicPolicy: "ensure", place: "b:1", clock, tryTopic } as const;
    const look = (ago: number) =>
      lookAtTopic(readExtent, {
        ...options,
        oldestWaiting: () => Promise.resolve(clock.now() - ago),
      });
    assert.match(await look(4000), /keeps them for 5000 ms .*, keeps at most 9 bytes a partition/);
    await assert.rejects(
      look(6000),
      /wait since .*retention\.ms is 5000\).*raise its retention\.ms/,
    );
  });

  it("the oldest event that waits is the first behind the forwarder, as far as there is a log", () =>
    withStoredLog(async (stored) => {
      const look = (directory: string) =>
        oldestWaiting(
          { openTools: (path) => openFileLogTools({ directory: path }) },
          directory,
          topic,
          systemClock,
        );
      assert.equal(await look(`${stored.directory}/none`), undefined);
      {
        await using log = await stored.open();
        for (const timestamp of [1000, 2000, 3000]) {
          await log.publish(topic, { value: new Uint8Array(1), timestamp });
        }
        assert.equal(await look(stored.directory), 1000);
        for await (const batch of log.subscribe(topic, { group: "forwarder", from: "earliest" })) {
          await batch.commit(0n);
          break;
        }
        assert.equal(await look(stored.directory), 2000);
        for await (const batch of log.subscribe(topic, { group: "forwarder" })) {
          await batch.commit();
          break;
        }
      }
      assert.equal(await look(stored.directory), undefined);
    }));

  it("has the permissions of start, as it says whether they are enough", async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
    const flags = (name: string) => tasks[name].command.match(/--\S+/g);
    assert.deepEqual(flags("doctor"), flags("start"));
  });
});
