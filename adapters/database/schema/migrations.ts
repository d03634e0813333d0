/** Migrations: numbered SQL files, a set for each database and purpose. */
import { StoreError } from "../../../src/ports/store_error.ts";

/**
 * A numbered SQL file: `0001_books.sql` is version 1. Each is applied once, in order, and never
 * edited afterwards.
 */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/**
 * The table that remembers which migrations a database has. It is also the sign that the other
 * tables are ours.
 */
export const migrationTable = "shelfcast_migrations";

/** A set of migrations that follow one upon the other: its folder. */
export type MigrationSet = Driver | `read_models/${Driver}`;
type Driver = "sqlite" | "mysql";

const known = new Map<MigrationSet, readonly Migration[]>();

/** A set's SQL files, by version from 1 on, without gaps; they are read once. */
export function readMigrations(set: MigrationSet): readonly Migration[] {
  const migrations = known.get(set) ?? readFiles(set);
  known.set(set, migrations);
  return migrations;
}

function readFiles(set: MigrationSet): readonly Migration[] {
  const folder = new URL(`./${set}/`, import.meta.url);
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{4})_[a-z_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1) {
      throw new StoreError(
        "failed",
        `Migration is "${set}/${name}", wanted number ${index + 1}`,
      );
    }
    return { version, name, sql: Deno.readTextFileSync(new URL(name, folder)) };
  });
}

/**
 * Asks every table of ours for next to nothing: it fails where a search or a change would miss one.
 */
export function everyTableSql(driver: Driver): string {
  const tables = tablesOf(readMigrations(driver));
  return `SELECT ${tables.map((table) => `EXISTS (SELECT 1 FROM ${table})`).join(", ")}`;
}

/** Names of the tables that stand when these have been applied. */
export function tablesOf(migrations: readonly Migration[]): readonly string[] {
  const tables = new Set<string>();
  for (const { sql } of migrations) {
    for (const statement of statementsOf(sql)) {
      const made = /^CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?(\w+)/i.exec(statement)?.[1];
      const dropped = /^DROP TABLE (?:IF EXISTS )?(\w+)/i.exec(statement)?.[1];
      if (made !== undefined) tables.add(made.toLowerCase());
      if (dropped !== undefined) tables.delete(dropped.toLowerCase());
    }
  }
  return [...tables];
}

/** The statements that made these tables, with their indexes, in order. */
export function statementsAbout(
  tables: readonly string[],
  migrations: readonly Migration[],
): readonly string[] {
  const made = new RegExp(
    `^(CREATE (VIRTUAL )?TABLE( IF NOT EXISTS)?|CREATE (UNIQUE )?INDEX \\w+ ON|ALTER TABLE) (${
      tables.join("|")
    })\\b`,
    "i",
  );
  return migrations.flatMap(({ sql }) => statementsOf(sql)).filter((sql) => made.test(sql));
}

/**
 * The files end a statement by a semicolon at the end of a line, and have one there for nothing
 * else.
 */
export function statementsOf(sql: string): readonly string[] {
  return sql.replace(/^\s*--.*$/gm, "").split(/;\s*$/m).map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}
