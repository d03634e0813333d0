import { openSqliteReadModels } from "../../../adapters/database/sqlite/sqlite_read_models.ts";
import type { ReadModelsHarness } from "../read_models_harness.ts";

export const sqliteReadModels: ReadModelsHarness = {
  async prepare() {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_read_models_" });
    return {
      open: (options) => openSqliteReadModels(`${folder}/read_models.db`, options),
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
    };
  },
};
