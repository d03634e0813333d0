import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { countTitles } from "./count_titles.ts";

const encoder = new TextEncoder();
const event = (id: string, ...titles: readonly string[]): EventRecord => ({
  key: "dune",
  value: encoder.encode(JSON.stringify(titles.map((title) => ({ title })))),
  headers: id === "" ? [] : [["ce_id", encoder.encode(id)]],
});

describe("a consumer of one's own", () => {
  it("counts each event once, passes what is none, and goes on where it was", async () => {
    const log = openMemoryLog({ topics: ["t"] });
    using database = new DatabaseSync(":memory:");
    const records = [
      event("1", "Dune"),
      event("2", "Dune", "Emma"),
      event("1", "Dune"),
      event("", "Emma"),
      event("", "Emma"),
      { value: encoder.encode("no JSON") },
      { value: null },
    ];
    for (const record of records) await log.publish("t", record);
    await countTitles(log, "t", database, { until: "end" });
    await log.publish("t", event("3", "Emma"));
    await countTitles(log, "t", database, { until: "end" });
    const found = database.prepare("SELECT title, times FROM found ORDER BY title").all();
    assert.deepEqual(found.map(({ title, times }) => [title, times]), [["Dune", 2], ["Emma", 4]]);
  });
});
