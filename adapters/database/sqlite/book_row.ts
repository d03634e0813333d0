import type { SQLOutputValue } from "node:sqlite";
import type { Book } from "../../../src/domain/book.ts";

export type BookRow = Readonly<Record<string, SQLOutputValue>>;

/** As bytes, because node:sqlite in Deno 2.9 cuts texts at their first NUL. Of `books b`. */
export const bookColumns = "b.id, " +
  ["title", "author", "published_at", "description", "created_at"]
    .map((name) => `CAST(b.${name} AS BLOB) AS ${name}`).join(", ");

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function toBook(row: BookRow): Book {
  return {
    id: Number(row.id),
    title: text(row.title),
    author: text(row.author),
    published_at: row.published_at === null ? null : text(row.published_at),
    description: text(row.description),
    created_at: text(row.created_at),
  };
}

function text(value: SQLOutputValue | undefined): string {
  return value instanceof Uint8Array ? decoder.decode(value) : String(value);
}
