/**
 * The read models in a SQLite file of their own (WAL): reading here, writing in a Worker. Other
 * processes may use the file at the same time.
 */
import { DatabaseSync } from "node:sqlite";
import type { OpenReadModelsOptions, ReadModels } from "../../../src/ports/database_declaration.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { readModelsOver } from "../schema/read_models/read_models.ts";
import type { Statements } from "../schema/read_models/statements.ts";
import { keepInterests } from "./kept_interests.ts";
import { startModelWriter } from "./model_writer.ts";
import { statementsOn } from "./model_statements.ts";
import { prepareOnce } from "./prepared.ts";
import { identityOf, otherFile } from "./shelf_file.ts";
import { sqliteFault } from "./sqlite_fault.ts";

const hourMs = 3_600_000;
const readBusyTimeoutMs = 200;
/**
 * So long a file counts as the one that was opened: to look takes longer than most of what is read.
 */
const sameFileMs = 250;

interface Reader {
  readonly database: DatabaseSync;
  /** How many were opened before. */
  readonly number: number;
  readonly identity: string;
  readonly statements: Statements;
}

/**
 * @throws {StoreError} by rejection, `failed`: the file is no SQLite database, is not ours, is of a
 *   newer version, or cannot be made or written.
 */
export async function openSqliteReadModels(
  file: string,
  { clock, halfLifeHours, visitorDays }: OpenReadModelsOptions,
): Promise<ReadModels> {
  const halfLifeMs = Math.round(halfLifeHours * hourMs);
  const writer = startModelWriter();
  let reader: Reader | undefined;
  let opened = 0;
  let lookedAt = -Infinity;
  let isClosed = false;

  function open(): Reader {
    if (isClosed) throw closed();
    const now = clock.now();
    if (reader !== undefined && Math.abs(now - lookedAt) < sameFileMs) return reader;
    const identity = identityOf(file);
    lookedAt = now;
    if (reader !== undefined && reader.identity === identity) return reader;
    reader?.database.close();
    reader = undefined;
    if (identity === undefined) throw otherFile(file, false);
    const database = new DatabaseSync(file, { readOnly: true, timeout: readBusyTimeoutMs });
    reader = { database, number: opened++, identity, statements: statementsOn(database) };
    return reader;
  }

  function readFault(error: unknown): StoreError {
    lookedAt = -Infinity;
    return sqliteFault(error, "read what was consumed");
  }

  /** Of this file: each connection counts for itself what others change. */
  function version(): string {
    try {
      const { database, number } = open();
      return `${number} ${prepareOnce(database, "PRAGMA data_version").get()?.data_version}`;
    } catch (error) {
      throw readFault(error);
    }
  }

  try {
    await writer.open(file);
    await writer.do("adopt", { nowMs: clock.now(), halfLifeMs });
    open();
  } catch (error) {
    writer.end();
    throw sqliteFault(error, "open the read models");
  }

  return readModelsOver({
    change(task, input) {
      if (isClosed) return Promise.reject(closed());
      return writer.do(task, input);
    },
    async read(ask) {
      try {
        return await ask(open().statements);
      } catch (error) {
        throw readFault(error);
      }
    },
    async close() {
      isClosed = true;
      reader?.database.close();
      await writer.close();
    },
  }, { clock, halfLifeMs, visitorDays, keepFirst: keepInterests(version) });
}

const closed = (): StoreError => new StoreError("failed", "Read models are closed");
