import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openSqliteReadModels } from "../../../adapters/database/sqlite/sqlite_read_models.ts";
import { createFakeClock } from "../../fake_clock.ts";

describe("the file of read models, under a running shop", () => {
  it("is looked at often: one that is gone answers nothing, one that is put back does", async () => {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_models_" });
    const file = `${folder}/m.db`;
    const clock = createFakeClock();
    const models = await openSqliteReadModels(file, { clock, halfLifeHours: 24, visitorDays: 30 });
    const read = () => models.trends.positions();
    assert.deepEqual(await read(), []);
    await Deno.rename(file, `${file}.aside`);
    await clock.advance(250);
    const removed = { code: "unavailable", message: /m\.db" was removed under the running shop/ };
    await assert.rejects(read(), removed);
    await assert.rejects(read(), removed);
    await Deno.rename(`${file}.aside`, file);
    assert.deepEqual(await read(), []);
    await models[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });
});
