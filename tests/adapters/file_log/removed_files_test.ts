/** Files of a topic, or its whole folder, that somebody takes away while the log is in use. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { openReader } from "../../contracts/reader.ts";
import { inOnePartition, publishAll, rejectsWith, series } from "../../contracts/law.ts";
import { collectLogs } from "../../use_cases/log_lines.ts";
import { createRecordingTelemetry } from "../../use_cases/recording_telemetry.ts";

const topic = "events";

interface Place {
  readonly directory: string;
  readonly folder: string;
  readonly clock: typeof systemClock;
  pass(ms: number): void;
}

async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "removed_files_" });
  let passedMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + passedMs };
  const pass = (ms: number) => void (passedMs += ms);
  try {
    await use({ directory, folder: `${directory}/${topic}`, clock, pass });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const publish = (log: EventLog, name: string, count: number) =>
  publishAll(log, topic, series(name, count).map(inOnePartition));

describe("a file log whose files are taken away while it is in use", () => {
  for (const how of ["removed", "moved"] as const) {
    it(`S7 a folder that is ${how} is told, with how many events went with it`, () =>
      withPlace(async ({ directory, folder, clock, pass }) => {
        using logs = collectLogs();
        const aside = `${directory}/aside`;
        const telemetry = createRecordingTelemetry();
        await using log = await openFileLog({ directory, clock, telemetry });
        await publish(log, "old", 5);
        assert.equal(log.health().status, "ok");
        await Deno.rename(folder, aside);
        if (how === "removed") await Deno.remove(aside, { recursive: true });
        pass(1000);
        await publish(log, "new", 2);
        const health = log.health();
        const detail = health.status === "degraded" ? health.detail : health.status;
        assert.match(detail, /with the 5 events .*put the old/);
        const counter = "shelfcast.file_log.removed{topic=events}";
        assert.equal(telemetry.counters[counter], 5);
        const told = () => logs.lines.filter(({ properties }) => properties.records === 5);
        assert.deepEqual(told().map(({ level }) => level), ["error"]);
        pass(15 * 60_000);
        assert.equal(log.health().status, "ok");
        assert.deepEqual([told().length, telemetry.counters[counter]], [1, 5]);
      }));
  }

  it("S7 a reader of a folder that is moved away ends, so that it reads the one in its place", () =>
    withPlace(async ({ directory, folder, clock, pass }) => {
      await using log = await openFileLog({ directory, clock });
      await publish(log, "old", 3);
      const reader = openReader(log, topic, { from: "earliest", group: "trends" });
      await reader.takes(series("old", 3), (batch) => batch.commit());
      const next = rejectsWith("unknown_topic", reader.next());
      await Deno.rename(folder, `${directory}/aside`);
      pass(1000);
      await publish(log, "new", 2);
      await next;
      const other = openReader(log, topic, { from: "earliest", group: "trends" });
      await other.takes(series("new", 2));
      await other.leave();
    }));

  it("S7 a folder that an older copy takes the place of is told, with how many events it lacks", () =>
    withPlace(async ({ directory, folder, clock, pass }) => {
      await using log = await openFileLog({ directory, clock });
      await publish(log, "old", 3);
      await Deno.mkdir(`${directory}/copy`);
      for (const { name } of Deno.readDirSync(folder)) {
        await Deno.copyFile(`${folder}/${name}`, `${directory}/copy/${name}`);
      }
      await publish(log, "more", 4);
      await Deno.rename(folder, `${directory}/aside`);
      await Deno.rename(`${directory}/copy`, folder);
      pass(1000);
      await publish(log, "new", 1);
      const health = log.health();
      const detail = health.status === "degraded" ? health.detail : health.status;
      assert.match(detail, /older copy.*without the last 4 events/);
    }));

  it("S7 one that is removed before anything was accepted is no news", () =>
    withPlace(async ({ directory, folder, clock, pass }) => {
      await using log = await openFileLog({ directory, clock, topics: [topic] });
      await Deno.rename(folder, `${directory}/aside`);
      pass(1000);
      await publish(log, "new", 2);
      assert.equal(log.health().status, "ok");
    }));

  for (const file of ["durable", "lock", "turn"] as const) {
    it(`S7 ${file} alone: what is accepted from then on is read, without restart`, () =>
      withPlace(async ({ directory, folder, clock, pass }) => {
        await using log = await openFileLog({ directory, clock });
        await publish(log, "old", 3);
        await Deno.remove(`${folder}/${file}`);
        pass(1000);
        await publish(log, "new", 3);
        const reader = openReader(log, topic, { from: "earliest" });
        await reader.takes([...series("old", 3), ...series("new", 3)]);
        await reader.leave();
      }));
  }

  it("S7 its identity: the segments say which log it is, and nothing of them is foreign", () =>
    withPlace(async ({ directory, folder }) => {
      {
        await using log = await openFileLog({ directory });
        await publish(log, "old", 3);
        const reader = openReader(log, topic, { from: "earliest", group: "trends" });
        await reader.takes(series("old", 3), (batch) => batch.commit());
        await reader.leave();
      }
      await Deno.remove(`${folder}/id`);
      using logs = collectLogs();
      await using log = await openFileLog({ directory });
      await publish(log, "new", 2);
      const { positions } = await log.groups.describe("trends");
      assert.deepEqual([positions[0]?.position, positions[0]?.lag], [3n, 2n]);
      const errors = logs.lines.filter(({ level }) => level === "error");
      assert.equal(errors.length, 1, JSON.stringify(errors));
    }));
});
