/**
 * A large shelf in MySQL in minutes: what the port would have written of the same books, table by
 * table, each in the order of its key.
 */
import { type Connection, createConnection } from "mysql2/promise";
import { quietTriggers } from "../../adapters/database/mysql/change_triggers.ts";
import { renewVersion } from "../../adapters/database/mysql/shelf_version.ts";
import { indexedBook, storedBook } from "../../adapters/database/schema/stored_book.ts";
import type { NewBook } from "../../src/domain/book.ts";
import type { MysqlLogin } from "../contracts/harnesses/mysql_database.ts";
import { benchShelf } from "./bench_shelf.ts";

const booksPerStatement = 1_000;
/** Some megabyte of text. */
const gramsPerStatement = 50_000;
const createdAt = "2026-01-01 00:00:00";

/**
 * Fills the empty tables of a shelf that no shop has open. The books come last: where they all are,
 * all is.
 *
 * @returns Books a second, index included.
 */
export async function bulkFill(
  login: MysqlLogin,
  books: number,
  onProgress: (done: string) => void = () => {},
): Promise<number> {
  const startedMs = performance.now();
  const connection = await createConnection({ ...login, charset: "utf8mb4" });
  try {
    await quietTriggers(connection);
    await insertGrams(connection, await insertForms(connection, books));
    onProgress("index");
    await insertEach(
      connection,
      "INSERT INTO books (id, title, author, published_at, description, created_at, isbn) VALUES ?",
      books,
      (
        id,
        { title, author, published_at, description, isbn },
      ) => [id, title, author, published_at, description, createdAt, isbn ?? null],
    );
    await connection.query("ANALYZE TABLE books, shelfcast_forms, shelfcast_grams");
    await renewVersion(connection);
    onProgress("books");
    return books / (performance.now() - startedMs) * 1000;
  } finally {
    await connection.end();
  }
}

async function insertEach(
  connection: Connection,
  sql: string,
  books: number,
  rowOf: (id: number, book: NewBook) => readonly (string | number | null)[],
): Promise<void> {
  let rows: (readonly (string | number | null)[])[] = [];
  let id = 0;
  for (const book of benchShelf(books)) {
    rows.push(rowOf(++id, book));
    if (rows.length < booksPerStatement && id < books) continue;
    await connection.query(sql, [rows]);
    rows = [];
  }
}

/** @returns For each gram the ids of the books that have it, in order. */
async function insertForms(
  connection: Connection,
  books: number,
): Promise<ReadonlyMap<string, IdList>> {
  const lists = new Map<string, IdList>();
  await insertEach(
    connection,
    "INSERT INTO shelfcast_forms (id, title_key, text, isbn, json) VALUES ?",
    books,
    (id, book) => {
      const { titleKey, text, isbn, json, grams } = indexedBook(
        storedBook(id, book, createdAt),
        book.isbn,
      );
      for (const gram of grams) {
        const list = lists.get(gram) ?? { ids: new Uint32Array(4), length: 0 };
        lists.set(gram, list);
        append(list, id);
      }
      return [id, titleKey, text, isbn, json];
    },
  );
  return lists;
}

/** Of 57 million ids of a million books; arrays of numbers would take twice as much. */
interface IdList {
  ids: Uint32Array;
  length: number;
}

function append(list: IdList, id: number): void {
  if (list.length === list.ids.length) {
    const longer = new Uint32Array(2 * list.length);
    longer.set(list.ids);
    list.ids = longer;
  }
  list.ids[list.length++] = id;
}

async function insertGrams(
  connection: Connection,
  lists: ReadonlyMap<string, IdList>,
): Promise<void> {
  const encoder = new TextEncoder();
  const inOrder = [...lists]
    .map(([gram, list]) => ({ hex: encoder.encode(gram).toHex(), list }))
    .toSorted((a, b) => a.hex < b.hex ? -1 : 1);
  let values: string[] = [];
  const insert = async () => {
    await connection.query(`INSERT INTO shelfcast_grams (gram, id) VALUES ${values.join(",")}`);
    values = [];
  };
  for (const { hex, list: { ids, length } } of inOrder) {
    for (const id of ids.subarray(0, length)) {
      if (values.push(`(x'${hex}',${id})`) === gramsPerStatement) await insert();
    }
  }
  if (values.length > 0) await insert();
}
