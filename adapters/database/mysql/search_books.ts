import type { Connection } from "mysql2/promise";
import type { BookPage, SearchRequest } from "../../../src/ports/book_catalogue.ts";
import { findBooks } from "../schema/find_books.ts";
import { findCandidates } from "./candidates.ts";
import type { GramCounts } from "./gram_counts.ts";
import { withUnindexed } from "./unindexed_books.ts";

/** The server looks for them, so that they may be more than where they hold up a thread of ours. */
const mostCandidates = 2_000;

/** @param building Whether books may stand in the table of an older version only. */
export async function searchBooks(
  connection: Connection,
  { query, ...page }: SearchRequest,
  counts: GramCounts,
  building: boolean,
): Promise<BookPage> {
  const search = findBooks(query, page, mostCandidates);
  // One snapshot: a book that is indexed between two questions would be in neither answer.
  if (building) await connection.beginTransaction();
  let step = search.next();
  while (!step.done) {
    const indexed = await findCandidates(connection, counts, step.value, query);
    const candidates = building
      ? await withUnindexed(connection, indexed, step.value, query)
      : indexed;
    step = search.next(candidates);
  }
  if (building) await connection.commit();
  return step.value;
}
