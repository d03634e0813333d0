import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openSqliteReadModels } from "../../adapters/database/sqlite/sqlite_read_models.ts";
import { openLate } from "../../src/composition/late_read_models.ts";
import { systemClock } from "../../src/ports/clock.ts";
import type { ReadModels } from "../../src/ports/database_declaration.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import { createFakeClock } from "../fake_clock.ts";

describe("read models that are opened behind the start", () => {
  it("refuse with what is the matter until they are open, and are tried again", async () => {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_late_" });
    const clock = createFakeClock();
    let fault: StoreError | undefined = new StoreError("failed", "Schema is newer");
    const open = (): Promise<ReadModels> =>
      fault === undefined
        ? openSqliteReadModels(`${folder}/m.db`, {
          clock: systemClock,
          halfLifeHours: 24,
          visitorDays: 30,
        })
        : Promise.reject(fault);
    const models = openLate(open, clock);
    const opened = Promise.withResolvers<void>();
    const early = assert.rejects(models.trends.positions(), {
      message: "Read models are not open yet",
    });
    await clock.advance(5_000);
    await early;
    assert.equal(models.fault, undefined);
    models.begin(opened.resolve);
    await clock.advance(60_000);
    assert.equal(models.fault, fault);
    await assert.rejects(models.interests.positions(), fault);
    const health = await models.health();
    assert.ok(health.status === "degraded" && health.detail === "Schema is newer");
    fault = undefined;
    await clock.advance(20_000);
    await opened.promise;
    assert.deepEqual(await models.trends.positions(), []);
    assert.deepEqual(await models.health(), { status: "ok" });
    await models[Symbol.asyncDispose]();
    assert.equal(clock.timers, 0);
    await Deno.remove(folder, { recursive: true });
  });

  it("are waited for by who asks before the first attempt has ended", async () => {
    const clock = createFakeClock();
    const fault = new StoreError("unavailable", "Away");
    const models = openLate(() => Promise.reject(fault), clock);
    const early = assert.rejects(models.trends.positions(), fault);
    await clock.advance(200);
    models.begin(() => assert.fail("it was not opened"));
    await early;
    await models[Symbol.asyncDispose]();
    assert.equal(clock.timers, 0);
  });

  it("are closed while they cannot be opened", async () => {
    const clock = createFakeClock();
    const models = openLate(() => Promise.reject(new StoreError("unavailable", "Away")), clock);
    models.begin(() => assert.fail("it was not opened"));
    await clock.advance(5000);
    await models[Symbol.asyncDispose]();
    assert.equal(clock.timers, 0);
  });
});
