/** A consumer of trends and one of interests, as a process that a test kills. */
import { openSqliteReadModels } from "../../adapters/database/sqlite/sqlite_read_models.ts";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { consumeEvents } from "../../src/use_cases/consume_events.ts";

const [directory = "", file = "", topic = ""] = Deno.args;
const log = await openFileLog({ directory });
const clock = systemClock;
const models = await openSqliteReadModels(file, { clock, halfLifeHours: 24, visitorDays: 30 });
for (const name of ["trends", "interests"] as const) {
  consumeEvents({
    name,
    log,
    topic,
    model: models[name],
    clock,
    telemetry: silentTelemetry,
    random: Math.random,
    dedupeHours: 72,
    batchRecords: 20,
  });
}
console.log("consuming");
