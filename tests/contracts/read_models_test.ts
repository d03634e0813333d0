/** The laws of the read models, on every database. */
import { describe, it } from "@std/testing/bdd";
import type { DatabaseName } from "../../adapters/database/registry.ts";
import { reportMissing } from "../services/report_missing.ts";
import { mysqlReadModels } from "./harnesses/mysql_read_models.ts";
import { sqliteReadModels } from "./harnesses/sqlite_read_models.ts";
import { runLaw } from "./read_model_law.ts";
import { consumedLaws } from "./read_model_laws/consumed.ts";
import { interestLaws } from "./read_model_laws/interests.ts";
import { trendLaws } from "./read_model_laws/trends.ts";
import type { ReadModelsHarness } from "./read_models_harness.ts";

/** A database that is registered without a harness does not compile. */
const harnesses: Record<DatabaseName, ReadModelsHarness> = {
  sqlite: sqliteReadModels,
  mysql: mysqlReadModels,
};

const laws = [...consumedLaws, ...trendLaws, ...interestLaws];

for (const [name, harness] of Object.entries(harnesses)) {
  describe(`read models on ${name}`, () => {
    if (harness.missing !== undefined) {
      return reportMissing(`${laws.length} laws`, harness.missing);
    }
    for (const law of laws) {
      it(law.name, async () => {
        await using place = await harness.prepare();
        await runLaw(law, place);
      });
    }
  });
}
