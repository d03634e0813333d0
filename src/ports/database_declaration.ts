/** What a database adapter declares. */
import type { AdapterDeclaration, Probe } from "./adapter_declaration.ts";
import type { BookCatalogue } from "./book_catalogue.ts";
import type { Clock } from "./clock.ts";
import type { InterestStore } from "./interest_store.ts";
import type { Settings, Values } from "./setting.ts";
import type { StoreHealth } from "./store_health.ts";
import type { TrendStore } from "./trend_store.ts";

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
  /** Copying what it holds, beside a shop that runs. */
  readonly backup: DatabaseBackup<Values<Section> & Values<Beside>>;
  /** Present where it can keep what consumers make of events. */
  readonly readModels?: ReadModelsDeclaration<Values<Section> & Values<Beside>>;
}

/** How a database is copied: by us into files, or by tools of its own. */
export type DatabaseBackup<Values> =
  | {
    /**
     * Copies each file as it is at one moment, whole and durable; those that are not there are left
     * out.
     *
     * @param folder An empty one.
     * @throws {StoreError} by rejection.
     */
    copy(values: Values, folder: string): Promise<readonly CopiedFile[]>;
  }
  | {
    /** What operators do instead, in a sentence; no secrets. */
    advice(values: Values): string;
  };

/** A file of a backup. */
export interface CopiedFile {
  /** In the backup's folder. */
  readonly name: string;
  /** Where it was, and belongs. */
  readonly original: string;
  /** Its length. */
  readonly bytes: number;
  /** What it holds, in words. */
  readonly holds: string;
}

/** How a database keeps read models. */
export interface ReadModelsDeclaration<Values> {
  /**
   * Opens them all, and makes what is missing. Rejects `failed` where a start could not help: what
   * is there is not ours, is of a newer version, or cannot be written. @throws {StoreError} by
   * rejection.
   */
  open(values: Values, options: OpenReadModelsOptions): Promise<ReadModels>;
  /** What `doctor` looks at. */
  probe(values: Values): Probe;
}

/** The read models of one database, open. Closing waits for what is being applied. */
export interface ReadModels extends AsyncDisposable {
  /** What everybody searches for. */
  readonly trends: TrendStore;
  /** What each visitor's searches find. */
  readonly interests: InterestStore;
  /**
   * Whether a batch could be applied now, and if not, why; resolves within a second, never rejects.
   */
  health(): Promise<StoreHealth>;
}

/** What all read models take. */
export interface OpenReadModelsOptions {
  /** Time. */
  readonly clock: Clock;
  /** After so long a search counts half. */
  readonly halfLifeHours: number;
  /** Visitors who were not seen for so long are taken away. */
  readonly visitorDays: number;
}

/** What all databases take. */
export interface OpenCatalogueOptions {
  /** Time. */
  readonly clock: Clock;
  /** Of the shelf; the starter shelf does not ask. Default: none. */
  readonly maxBooks?: number;
  /** Told while the starter shelf is filled. */
  readonly onShelfProgress?: (loaded: number, total: number) => void;
  /** Resolves when the shop answers: what no search needs may wait for it. Default: at once. */
  readonly begun?: Promise<void>;
}

/** Checks a declaration, and says of which keys it is. */
export function declareDatabase<
  Section extends Settings,
  Beside extends Settings = Record<never, never>,
>(declaration: DatabaseDeclaration<Section, Beside>): DatabaseDeclaration<Section, Beside> {
  return declaration;
}
