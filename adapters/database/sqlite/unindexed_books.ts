import type { DatabaseSync } from "node:sqlite";
import type { SearchQuery } from "../../../src/domain/search_query.ts";
import { mergeCandidates, olderPattern, unindexedCandidate } from "../schema/older_search.ts";
import { bookColumns, toBook } from "./book_row.ts";
import type { AskCandidates } from "./candidates.ts";

/** Candidates with those that are not indexed yet, found as the older version did: by a scan. */
export function unindexedBooks(
  database: DatabaseSync,
  query: SearchQuery,
  askIndexed: AskCandidates,
): AskCandidates {
  const pattern = olderPattern(query);
  const { words, from, to } = pattern;
  const hasWords = words.map(() => "AND instr(s.text_folded, ?) > 0").join(" ");
  const scan = (begins: string) =>
    database.prepare(
      `SELECT ${bookColumns} FROM book_search s JOIN books b ON b.id = s.id
       WHERE ${begins} s.id > ? ${hasWords} ORDER BY s.id LIMIT ?`,
    );

  return (request, query) => {
    const { place, afterId, limit } = request;
    const rows = place === 2
      ? scan("").all(afterId, ...words, limit)
      : place === 1
      ? scan("s.title_folded >= ? AND s.title_folded < ? AND")
        .all(from, to, afterId, ...words, limit)
      : scan("s.title_folded = ? AND").all(from, afterId, ...words, limit);
    const scanned = rows.map(toBook).map((book) => unindexedCandidate(book, pattern, query));
    return mergeCandidates(askIndexed(request, query), scanned, limit);
  };
}
