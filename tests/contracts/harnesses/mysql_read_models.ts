import { openMysqlReadModels } from "../../../adapters/database/mysql/mysql_read_models.ts";
import type { ReadModelsHarness } from "../read_models_harness.ts";
import { createMysqlDatabase, mysqlMissing } from "./mysql_database.ts";

export const mysqlReadModels: ReadModelsHarness = {
  ...(mysqlMissing === undefined ? {} : { missing: mysqlMissing }),
  async prepare() {
    const database = await createMysqlDatabase();
    return {
      open: (options) => openMysqlReadModels(database.login, options),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  },
};
