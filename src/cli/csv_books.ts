/** Reads the rows of a CSV file (RFC 4180) as books, and says of each that is none why. */
import { type Info, parse } from "csv-parse";
import type { NewBook } from "../domain/book.ts";
import { parseNewBook } from "../http/exchange/new_book_schema.ts";
import { Problem } from "../http/exchange/problem.ts";
import { CommandError } from "./command_error.ts";

/** Which columns hold what: names of the header, in any case. */
export interface ColumnNames {
  readonly title?: string;
  readonly author?: string;
  readonly published?: string;
  readonly description?: string;
  readonly isbn?: string;
}

type Field = keyof ColumnNames;

/** Where no name is given; the first that the header has. */
const usualNames: Readonly<Record<Field, readonly string[]>> = {
  title: ["title"],
  author: ["author", "authors"],
  published: [
    "published_at",
    "published",
    "published_year",
    "publication_year",
    "original_publication_year",
    "year",
  ],
  description: ["description"],
  isbn: ["isbn13", "isbn_13", "isbn", "isbn10", "isbn_10"],
};

/** A row that is no book. */
export interface BadRow {
  /** Of the file, from 1 on; where the row begins. */
  readonly line: number;
  readonly reason: string;
  readonly cells: readonly string[];
}

/** A row longer than this has a quote that is never closed. */
const maxRowCharacters = 1_000_000;

/**
 * @throws {CommandError} where the header lacks a column that is named or needed.
 */
export async function* csvBooks(
  chunks: ReadableStream<Uint8Array>,
  names: ColumnNames,
  onBadRow: (row: BadRow) => Promise<void>,
): AsyncGenerator<NewBook> {
  const bad: BadRow[] = [];
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maxRowCharacters,
    on_skip(error) {
      const line = Number(Reflect.get(Object(error), "lines") ?? 0);
      const reason = error?.message ?? "Is no CSV";
      bad.push({ line, reason: `${reason}, wanted RFC 4180`, cells: [] });
    },
  });
  const feeding = feed(chunks, parser);
  let columns: Columns | undefined;
  let width = 0;
  let nextLine = 1;
  try {
    for await (const parsed of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const { record, info } = parsed;
      while (bad.length > 0) await onBadRow(bad.shift() as BadRow);
      const line = nextLine;
      nextLine = info.lines + 1;
      if (columns === undefined) {
        columns = findColumns(record, names);
        width = record.length;
        continue;
      }
      const reason = record.length === width
        ? undefined
        : `Has ${record.length} columns, wanted ${width} as the header has`;
      const book = reason ?? toBook(record, columns);
      if (typeof book === "string") await onBadRow({ line, reason: book, cells: record });
      else yield book;
    }
    while (bad.length > 0) await onBadRow(bad.shift() as BadRow);
    await feeding;
  } finally {
    parser.destroy();
    await feeding.catch(() => {});
  }
  if (columns === undefined) {
    throw new CommandError("File is empty, wanted a header and rows", { exitCode: 2 });
  }
}

/** As fast as the parser takes them, so that memory stays flat. */
async function feed(
  chunks: ReadableStream<Uint8Array>,
  parser: ReturnType<typeof parse>,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (parser.destroyed) return;
      if (parser.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        parser.once("drain", resolve);
        parser.once("close", resolve);
      });
    }
    parser.end();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    parser.destroy(
      new CommandError(`File cannot be read to its end: ${message}`, { cause: error }),
    );
  }
}

/** Indexes of the columns. */
type Columns = Readonly<Partial<Record<Field, number>>>;

function findColumns(header: readonly string[], names: ColumnNames): Columns {
  const has = header.map((name) => name.trim().toLowerCase());
  const found: Partial<Record<Field, number>> = {};
  for (const field of Object.keys(usualNames) as Field[]) {
    const named = names[field];
    const wanted = named === undefined ? usualNames[field] : [named.toLowerCase()];
    const index = wanted.map((name) => has.indexOf(name)).find((at) => at >= 0);
    if (index !== undefined) found[field] = index;
    else if (named !== undefined || field === "title" || field === "author") {
      throw new CommandError(
        `Header has no column "${named ?? field}", wanted one of "${
          header.join('", "')
        }" in option "--${field}"`,
        { exitCode: 2 },
      );
    }
  }
  return found;
}

function toBook(record: readonly string[], columns: Columns): NewBook | string {
  const cell = (field: Field): string => {
    const index = columns[field];
    return index === undefined ? "" : record[index] ?? "";
  };
  const published = cell("published").trim();
  const isbn = cell("isbn").trim();
  try {
    return parseNewBook({
      title: onOneLine(cell("title")),
      author: onOneLine(cell("author")),
      // Spreadsheets write years as 2008.0.
      published_at: published === "" ? null : published.replace(/^(-?\d+)\.0+$/, "$1"),
      description: cell("description"),
      // And take the zeros at the beginning of an ISBN away.
      isbn: isbn === "" ? null : /^\d{8,9}$/.test(isbn) ? isbn.padStart(10, "0") : isbn,
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.faults.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`).join("; ");
  }
}

/** A quoted cell may be broken into lines, which is how it was laid out, and not what it says. */
const onOneLine = (text: string): string => text.replaceAll(/[\t\r\n]+/g, " ");
