/** What the suite of the read models needs of a database. */
import type { OpenReadModelsOptions, ReadModels } from "../../src/ports/database_declaration.ts";

export interface ReadModelsHarness {
  /** Why there is nothing to test with; absent: there is. */
  readonly missing?: string;
  /** A place of a law's own, empty. */
  prepare(): Promise<ReadModelsPlace>;
}

export interface ReadModelsPlace extends AsyncDisposable {
  open(options: OpenReadModelsOptions): Promise<ReadModels>;
}
