/** `consumers run` and `consumers rebuild`, on a log in memory and read models in SQLite. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openSqliteReadModels } from "../../adapters/database/sqlite/sqlite_read_models.ts";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import { systemClock } from "../../src/ports/clock.ts";
import type { ReadModels } from "../../src/ports/database_declaration.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { degradedBy } from "../../src/ports/queue_health.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import { kept, runCommand, startCommand, until } from "./run_command.ts";

const topic = "lr-book-searches";
const encoder = new TextEncoder();

/** A log with these queries, and read models that the commands close. */
async function openBench(...queries: readonly string[]) {
  const folder = await Deno.makeTempDir({ prefix: "shelfcast_consumers_" });
  const file = `${folder}/read_models.db`;
  const log = openMemoryLog({ topics: [topic, `${topic}.dlq`] });
  for (const query of queries) await publish(log, query);
  const open = (): Promise<ReadModels> =>
    openSqliteReadModels(file, { clock: systemClock, halfLifeHours: 24, visitorDays: 30 });
  return {
    log,
    shared: kept(log),
    open,
    async trends(): Promise<readonly (readonly [string, number])[]> {
      await using models = await open();
      const request = { limit: 10, minSearches: 1, nowMs: Date.now() };
      const misses = await models.trends.misses(request);
      return misses.map(({ query, searches }) => [query, searches] as const).toSorted();
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const publish = (log: EventLog, key: string) =>
  log.publish(topic, { key, value: encoder.encode("[]") });

describe("deno task consumers", () => {
  it("run consumes until it is stopped", async () => {
    await using bench = await openBench("dune", " dune ");
    const running = startCommand(["consumers", "run", "trends"], {
      log: bench.shared,
      openReadModels: bench.open,
    });
    await until(async () => (await bench.trends()).length === 1);
    await publish(bench.log, "emma");
    await until(async () => (await bench.trends()).length === 2);
    running.stop();
    assert.equal((await running.result).code, 0);
    assert.deepEqual(await bench.trends(), [["dune", 2], ["emma", 1]]);
  });

  it("run waits for a database that is away, and says so", async () => {
    await using bench = await openBench("dune");
    let refusals = 0;
    const running = startCommand(["consumers", "run", "trends", "--admin", "127.0.0.1:0"], {
      log: bench.shared,
      openReadModels: () =>
        refusals++ === 0
          ? Promise.reject(new StoreError("unavailable", "Nobody listens"))
          : bench.open(),
    });
    await until(() => running.written.stderr.includes("read models: Nobody listens"));
    await until(async () => (await bench.trends()).length === 1);
    running.stop();
    assert.equal((await running.result).code, 0);
    const wrong = await runCommand(["consumers", "run", "trends"], {
      log: bench.shared,
      openReadModels: () => Promise.reject(new StoreError("failed", "Wrong password")),
    });
    assert.deepEqual([wrong.code, /Wrong password/.test(wrong.stderr)], [1, true]);
  });

  it("run is not well while its queue is away, which looks like one in which nothing comes", async () => {
    await using bench = await openBench();
    const health = () => degradedBy(new QueueError("unavailable", "No broker listens"));
    const running = startCommand(["consumers", "run", "trends", "--admin", "127.0.0.1:0"], {
      log: { ...bench.shared, health },
      openReadModels: bench.open,
    });
    await until(() => /unavailable: No broker listens/.test(running.written.stderr));
    const [, url] = /metrics on (http:\S+)/.exec(running.written.stderr) ?? [];
    const ready = await (await fetch(`${url}readyz`)).json();
    assert.deepEqual([ready.status, ready.queues.file.detail], ["degraded", "No broker listens"]);
    running.stop();
    assert.equal((await running.result).code, 0);
  });

  it("run tells operators how it is, where they want to look", async () => {
    await using bench = await openBench("dune", "dune");
    const surroundings = { log: bench.shared, openReadModels: bench.open };
    const args = ["consumers", "run", "trends", "--admin", "127.0.0.1:0"];
    const running = startCommand(args, surroundings);
    await until(async () => (await bench.trends()).length === 1);
    const [, url] =
      /Operators find health and metrics on (http:\S+)/.exec(running.written.stderr) ??
        [];
    const ready = await (await fetch(`${url}readyz`)).json();
    const ok = { status: "ok" };
    assert.deepEqual([ready.status, ready.queues], ["ok", { file: ok, trends: ok }]);
    const read = async () => await (await fetch(`${url}metrics`)).text();
    await until(async () => (await read()).includes(`healthy{queue="trends"}`));
    const metrics = await read();
    assert.match(metrics, /^shelfcast_consumer_applied_total\{consumer="trends"\} 2$/m);
    assert.match(metrics, /^shelfcast_queue_healthy\{queue="trends"\} 1$/m);
    const nothing = await fetch(url ?? "");
    await nothing.body?.cancel();
    assert.equal(nothing.status, 404);
    const taken = new URL(url ?? "").host;
    const second = await runCommand(["consumers", "run", "trends", "--admin", taken], surroundings);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /of "--admin" cannot be listened on, wanted a free one/);
    running.stop();
    assert.equal((await running.result).code, 0);
    for (const bad of ["9404", "host:99999", "[::1]", "a b:1"]) {
      const { code, stderr } = await runCommand(["consumers", "run", "trends", "--admin", bad]);
      assert.equal(code, 2);
      assert.match(stderr, /Wanted host:port/);
    }
  });

  it("rebuild clears, and reads all that the topic holds, each event once", async () => {
    await using bench = await openBench("dune", "dune", "emma");
    const surroundings = { log: bench.shared, openReadModels: bench.open };
    for (const _ of ["first", "again"]) {
      const { code, stdout } = await runCommand(["consumers", "rebuild", "trends"], surroundings);
      assert.deepEqual([code, stdout], [0, `Read 3 records of "${topic}", applied 3\n`]);
      assert.deepEqual(await bench.trends(), [["dune", 2], ["emma", 1]]);
    }
  });

  it("rebuild and a consumer that runs do not count an event twice", async () => {
    await using bench = await openBench("dune", "emma");
    const surroundings = { log: bench.shared, openReadModels: bench.open };
    const running = startCommand(["consumers", "run", "trends"], surroundings);
    await until(async () => (await bench.trends()).length === 2);
    assert.equal((await runCommand(["consumers", "rebuild", "trends"], surroundings)).code, 0);
    await publish(bench.log, "ubik");
    await until(async () => (await bench.trends()).length === 3);
    running.stop();
    await running.result;
    assert.deepEqual(await bench.trends(), [["dune", 1], ["emma", 1], ["ubik", 1]]);
  });

  it("says which consumers there are", async () => {
    const { code, stderr } = await runCommand(["consumers", "run", "trend"]);
    assert.equal(code, 1);
    assert.match(stderr, /Consumer is "trend", wanted "trends" or "interests"/);
  });
});
