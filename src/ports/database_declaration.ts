import type { AdapterDeclaration, Probe } from "./adapter_declaration.ts";
import type { BookCatalogue } from "./book_catalogue.ts";
import type { Clock } from "./clock.ts";
import type { Settings, Values } from "./setting.ts";

/** What the program knows of a database adapter. */
export interface DatabaseDeclaration<
  Section extends Settings = Settings,
  Beside extends Settings = Settings,
> extends AdapterDeclaration<Section, Beside> {
  /**
   * Opens the catalogue: imports the adapter and calls its factory. @throws {StoreError} by
   * rejection.
   */
  open(
    values: Values<Section> & Values<Beside>,
    options: OpenCatalogueOptions,
  ): Promise<BookCatalogue>;
  /** What `doctor` looks at. */
  probe(values: Values<Section> & Values<Beside>): Probe;
}

/** What all databases take. */
export interface OpenCatalogueOptions {
  /** Time. */
  readonly clock: Clock;
  /** Told while the starter shelf is filled. */
  readonly onShelfProgress?: (loaded: number, total: number) => void;
}

/** Checks a declaration, and says of which keys it is. */
export function declareDatabase<
  Section extends Settings,
  Beside extends Settings = Record<never, never>,
>(declaration: DatabaseDeclaration<Section, Beside>): DatabaseDeclaration<Section, Beside> {
  return declaration;
}
