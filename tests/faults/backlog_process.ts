/**
 * Opens a log with a backlog, publishes a record and reads all; prints `OPEN_MS OPEN_BYTES
 * READ_BYTES RECORDS`.
 */
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";

const [directory = ""] = Deno.args;
const before = Deno.memoryUsage().rss;
const began = performance.now();
await using log = await openFileLog({ directory });
await log.publish("events", { value: null });
const openMs = performance.now() - began;
const opened = Deno.memoryUsage().rss;

let [records, most] = [0, opened];
for await (const batch of log.subscribe("events", { from: "earliest", until: "end" })) {
  records += batch.records.length;
  if (records % 50_000 < batch.records.length) most = Math.max(most, Deno.memoryUsage().rss);
}
console.log(Math.round(openMs), opened - before, most - before, records);
