/**
 * Effects exactly once: consumers that are killed again and again while events flow, and with them
 * the forwarder, which then sends again, come to what one undisturbed run comes to.
 */
import { describe, it } from "@std/testing/bdd";
import { createMysqlDatabase, mysqlMissing } from "../contracts/harnesses/mysql_database.ts";
import { reportMissing } from "../services/report_missing.ts";
import { rounds, seeded } from "./campaign.ts";
import { killConsumers } from "./consumer_kills.ts";
import { type ConsumedStore, openTarget } from "./consumer_process.ts";

const topic = "t";
const kills = rounds(100, 3);

describe("consumers that are killed", () => {
  it("have each effect exactly once, as one undisturbed run has, on SQLite", async () => {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_kills_" });
    try {
      await kill("SQLite", folder, { file: `${folder}/a.db` }, { file: `${folder}/b.db` });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  if (mysqlMissing !== undefined) return reportMissing("effects once on MariaDB", mysqlMissing);

  it("have each effect exactly once, as one undisturbed run has, on MariaDB", async () => {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_kills_" });
    try {
      await using first = await createMysqlDatabase();
      await using second = await createMysqlDatabase();
      await kill("MariaDB", folder, { login: first.login }, { login: second.login });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

async function kill(name: string, folder: string, killed: ConsumedStore, calm: ConsumedStore) {
  const target = { directory: `${folder}/target` };
  await using log = await openTarget(target, topic);
  const { events, records } = await killConsumers({
    ...{ kills, random: seeded(7), mostMs: 200, directory: `${folder}/buffer`, topic, target, log },
    stores: { killed, calm },
  });
  console.log(
    `kill -9, ${name}: ${kills} of the consumers and their forwarder, ${events} events in ${records} records, each counted once`,
  );
}
