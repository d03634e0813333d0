/** Reads the rows of a CSV file (RFC 4180) as books, and says of each that is none why. */
import type { NewBook } from "../domain/book.ts";
import { parseNewBook } from "../http/exchange/new_book_schema.ts";
import { Problem } from "../http/exchange/problem.ts";
import { CommandError } from "./command_error.ts";
import { csvRows } from "./csv_rows.ts";
import { csvText } from "./csv_text.ts";

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

export interface CsvOptions extends ColumnNames {
  /** Between columns; one character. Default: a comma. */
  readonly separator?: string;
}

/**
 * @throws {CommandError} where the header lacks a column that is named or needed, or has it twice,
 *   and where the file cannot be read to its end.
 */
export async function* csvBooks(
  bytes: ReadableStream<Uint8Array>,
  options: CsvOptions,
  onBadRow: (row: BadRow) => Promise<void>,
): AsyncGenerator<NewBook> {
  const { separator = ",", ...names } = options;
  let columns: Columns | undefined;
  let width = 0;
  for await (const rows of csvRows(csvText(bytes), separator)) {
    for (const { line, cells, fault } of rows) {
      if (columns === undefined) {
        if (fault !== undefined) {
          throw new CommandError(`Header is "${shown(cells[0] ?? "")}", wanted RFC 4180`, {
            exitCode: 2,
          });
        }
        columns = findColumns(cells, names);
        width = cells.length;
        continue;
      }
      const reason = fault ??
        (cells.length === width
          ? undefined
          : `Has ${cells.length} columns, wanted ${width} as the header has`);
      const book = reason ?? toBook(cells, columns);
      if (typeof book === "string") await onBadRow({ line, reason: book, cells });
      else yield book;
    }
  }
  if (columns === undefined) {
    throw new CommandError("File is empty, wanted a header and rows", { exitCode: 2 });
  }
}

/** Indexes of the columns. */
type Columns = Readonly<Partial<Record<Field, number>>>;

function findColumns(header: readonly string[], names: ColumnNames): Columns {
  const has = header.map((name) => name.trim().toLowerCase());
  const found: Partial<Record<Field, number>> = {};
  for (const field of Object.keys(usualNames) as Field[]) {
    const named = names[field];
    const wanted = named === undefined ? usualNames[field] : [named.trim().toLowerCase()];
    const name = wanted.find((one) => has.includes(one));
    if (name === undefined) {
      if (named === undefined && field !== "title" && field !== "author") continue;
      throw missingColumn(named ?? field, field, header);
    }
    found[field] = has.indexOf(name);
    if (has.lastIndexOf(name) !== found[field]) {
      throw new CommandError(
        `Header has two columns "${name}", wanted one, or another in option "--${field}"`,
        { exitCode: 2 },
      );
    }
  }
  return found;
}

function missingColumn(name: string, field: Field, header: readonly string[]): CommandError {
  const [only = ""] = header;
  const other = header.length === 1 ? /[;\t|]/.exec(only)?.[0] : undefined;
  const wanted = other === undefined
    ? `one of "${header.map(shown).join('", "')}" in option "--${field}"`
    : `commas between columns, or option "--separator" with what stands there: ${
      JSON.stringify(other)
    }`;
  return new CommandError(`Header has no column "${name}", wanted ${wanted}`, { exitCode: 2 });
}

/** A file that is no CSV has a header of any length. */
const shown = (name: string): string => name.length <= 50 ? name : `${name.slice(0, 50)}…`;

function toBook(record: readonly string[], columns: Columns): NewBook | string {
  const cell = (field: Field): string => {
    const index = columns[field];
    return index === undefined ? "" : record[index] ?? "";
  };
  const unread = (Object.keys(columns) as Field[]).find((field) => cell(field).includes("\ufffd"));
  if (unread !== undefined) return `${unread}: Has bytes that are not UTF-8, wanted UTF-8`;
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
