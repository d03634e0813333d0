import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openMemoryLog } from "../../../adapters/queue/memory/memory_log.ts";
import { recordOverheadBytes } from "../../../src/ports/validate_record.ts";
import { inOnePartition, publishAll, readAll, series, text } from "../../contracts/law.ts";
import { createRecordingTelemetry } from "../../use_cases/recording_telemetry.ts";

describe("memory log, at its bounds", () => {
  it("drops the oldest beyond maxRecords, and counts it", async () => {
    const telemetry = createRecordingTelemetry();
    await using log = openMemoryLog({ maxRecords: 3, telemetry });
    await publishAll(log, "t", series("v", 5).map(inOnePartition));
    assert.deepEqual((await readAll(log, "t")).map(({ value }) => text(value)), ["v2", "v3", "v4"]);
    assert.deepEqual(telemetry.counters, {
      "shelfcast.queue.dropped{topic=t,reason=evicted}": 2,
    });
  });

  it("drops the oldest beyond maxBytes, of whatever topic", async () => {
    const recordBytes = 1 + 100 + recordOverheadBytes;
    await using log = openMemoryLog({ maxBytes: 3 * recordBytes });
    const record = { key: "k", value: new Uint8Array(100) };
    await publishAll(log, "old", [record]);
    await publishAll(log, "new", [record, record, record]);
    assert.equal((await readAll(log, "old")).length, 0);
    assert.equal((await readAll(log, "new")).length, 3);
  });

  it("offsets go on after dropping, and a group behind goes on at the oldest record", async () => {
    await using log = openMemoryLog({ maxRecords: 2 });
    const group = { group: "g", from: "earliest", until: "end", maxRecords: 1 } as const;
    await publishAll(log, "t", series("v", 2).map(inOnePartition));
    for await (const batch of log.subscribe("t", group)) {
      await batch.commit();
      break;
    }
    const reports = await publishAll(log, "t", series("w", 4).map(inOnePartition));
    assert.deepEqual(reports.map(({ offset }) => offset), [2n, 3n, 4n, 5n]);
    const read: string[] = [];
    for await (const batch of log.subscribe("t", group)) {
      read.push(...batch.records.map(({ value }) => text(value)));
    }
    assert.deepEqual(read, ["w2", "w3"]);
  });

  it("dropping over and over keeps the newest, at their offsets", async () => {
    await using log = openMemoryLog({ maxRecords: 10 });
    for (let round = 0; round < 50; round++) {
      await publishAll(log, "t", series(`r${round}-`, 100).map(inOnePartition));
    }
    const read = (await readAll(log, "t")).map(({ value, offset }) => [text(value), offset]);
    assert.deepEqual(read.at(0), ["r49-90", 4990n]);
    assert.equal(read.length, 10);
  });
});
