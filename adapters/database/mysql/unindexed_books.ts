import type { Connection } from "mysql2/promise";
import type { SearchQuery } from "../../../src/domain/search_query.ts";
import type { CandidateRequest, Candidates } from "../schema/find_books.ts";
import { mergeCandidates, olderPattern, unindexedCandidate } from "../schema/older_search.ts";
import { bookColumns, select, toBook } from "./book_queries.ts";

/** Candidates with those that are not indexed yet, found as the older version did: by a scan. */
export async function withUnindexed(
  connection: Connection,
  indexed: Candidates,
  { place, afterId, limit }: CandidateRequest,
  query: SearchQuery,
): Promise<Candidates> {
  const pattern = olderPattern(query);
  const { words, from, to } = pattern;
  // The bounds go as hexadecimal text: MySQL 8 takes a value beside a comparison for text, and the
  // upper one is no UTF-8.
  const [begins = "", ...bounds] = [
    ["AND s.title_folded = UNHEX(?)", from.toHex()],
    ["AND s.title_folded >= UNHEX(?) AND s.title_folded < UNHEX(?)", from.toHex(), to.toHex()],
    [],
  ][place] ?? [];
  const rows = await select(
    connection,
    `SELECT ${bookColumns} FROM book_search s JOIN books b ON b.id = s.id
     WHERE s.id > ? ${begins} ${words.map(() => "AND INSTR(s.text_folded, ?) > 0").join(" ")}
     ORDER BY s.id LIMIT ?`,
    [
      String(afterId),
      ...bounds,
      ...words,
      String(limit),
    ],
  );
  const scanned = rows.map(toBook).map((book) => unindexedCandidate(book, pattern, query));
  return mergeCandidates(indexed, scanned, limit);
}
