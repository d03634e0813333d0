import { databaseAdapters } from "../../adapters/database/registry.ts";
import { adapterValues } from "../config/adapter_values.ts";
import type { Config } from "../config/schema.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { CopiedFile } from "../ports/database_declaration.ts";
import type { DatabaseDeclaration, OpenCatalogueOptions } from "../ports/database_declaration.ts";

const declared: Readonly<Record<string, DatabaseDeclaration>> = databaseAdapters;

/** What the database of that name declares. @throws {RangeError} Where there is none. */
export function databaseNamed(name: string): DatabaseDeclaration {
  const declaration = Object.hasOwn(declared, name) ? declared[name] : undefined;
  if (declaration !== undefined) return declaration;
  throw new RangeError(`Database is "${name}", wanted a name of the registry`);
}

/** The values of the keys of the one that `db.driver` names. */
export const databaseValues = ({ db }: Config) =>
  adapterValues(db, db.driver, databaseNamed(db.driver));

/** Opens the catalogue that `db.driver` names. @throws {StoreError} by rejection. */
export function openCatalogue(
  config: Config,
  options: OpenCatalogueOptions,
): Promise<BookCatalogue> {
  return databaseNamed(config.db.driver).open(databaseValues(config), {
    ...options,
    maxBooks: config.app.max_books,
  });
}

/** Copies the database's files into a folder, or says how else it is done. */
export async function copyDatabase(
  config: Config,
  folder: string,
): Promise<readonly CopiedFile[] | { readonly advice: string }> {
  const { backup } = databaseNamed(config.db.driver);
  const values = databaseValues(config);
  return "advice" in backup ? { advice: backup.advice(values) } : await backup.copy(values, folder);
}
