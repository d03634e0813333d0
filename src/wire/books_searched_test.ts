/** The event on the wire: what others read, and what we read of others. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { Book } from "../domain/book.ts";
import type { BooksSearched } from "../domain/book_search.ts";
import { normaliseQuery } from "../domain/search_text.ts";
import type { EventRecord, RecordHeader, StoredRecord } from "../ports/event_record.ts";
import { decodeBooks, decodeBooksSearched, UnreadableEventError } from "./decode_books_searched.ts";
import { encodeBooksSearched } from "./encode_books_searched.ts";

const uid = "0b0f3f3c-7d1b-4a52-9c1e-5f1f0a4c2b11";
const book: Book = {
  id: 7,
  title: "Zafón: Čapek “Ω”",
  author: "A, B",
  published_at: "-750",
  description: "",
  created_at: "2026-01-02 03:04:05",
};
const event: BooksSearched = {
  id: "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
  query: " Zafón  RUIZ ",
  page: 2,
  books: [book],
  searchedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
};

/** The record of a search whose books are made JSON here. */
function encoded({ books, ...search }: BooksSearched): EventRecord {
  const json = new TextEncoder().encode(JSON.stringify(books));
  return encodeBooksSearched({ ...search, json, count: books.length });
}

/** The record as a topic gives it back. */
function stored({ key, value, headers = [], timestamp = 0 }: EventRecord): StoredRecord {
  const keyBytes = typeof key === "string" ? new TextEncoder().encode(key) : key ?? null;
  return { key: keyBytes, value, headers, timestamp, offset: 0n };
}

function textHeaders({ headers = [] }: EventRecord): [string, string][] {
  return headers.map(([name, value]) => [name, new TextDecoder().decode(value ?? undefined)]);
}

/** The record as a service that knows key and value only would write it. */
function foreign(key: string, value = JSON.stringify([book])): StoredRecord {
  return stored({ key, value: new TextEncoder().encode(value), timestamp: 5 });
}

describe("encodeBooksSearched()", () => {
  it("has the query as typed for key, and the books of the page for value", () => {
    const record = encoded(event);
    assert.equal(record.key, " Zafón  RUIZ ");
    assert.deepEqual(JSON.parse(new TextDecoder().decode(record.value ?? undefined)), [book]);
    assert.equal(record.timestamp, event.searchedAt);
  });

  it("has `query:uid` for key where the visitor is known", () => {
    assert.equal(encoded({ ...event, visitorId: uid }).key, ` Zafón  RUIZ :${uid}`);
  });

  it("has the headers of a CloudEvent in binary mode, and the trace's", () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const trace = { traceparent, tracestate: "a=1" };
    assert.deepEqual(textHeaders(encoded({ ...event, trace })), [
      ["content-type", "application/json"],
      ["ce_specversion", "1.0"],
      ["ce_id", event.id],
      ["ce_type", "shelfcast.books.searched.v1"],
      ["ce_source", "/shelfcast"],
      ["ce_time", "2026-01-02T03:04:05.678Z"],
      ["ce_searchquery", "zafón ruiz"],
      ["ce_searchpage", "2"],
      ["ce_resultcount", "1"],
      ["traceparent", traceparent],
      ["tracestate", "a=1"],
    ]);
  });
});

describe("decodeBooksSearched()", () => {
  const text = fc.string({ unit: "grapheme-composite" });
  const books = fc.array(fc.record({
    id: fc.nat(),
    title: text,
    author: text,
    published_at: fc.option(text),
    description: text,
    created_at: text,
  }, { noNullPrototype: true }));
  const visitors = fc.option(fc.uuid(), { nil: undefined });
  const queries = fc.oneof(text, fc.constantFrom(`dune:${uid}`, `:${uid}`, "a:b", "\ufeffdune"));

  it("gives back what was encoded, whatever was typed", () => {
    fc.assert(fc.property(
      fc.record({ query: queries, books, page: fc.integer({ min: 1, max: 1001 }) }),
      visitors,
      fc.boolean(),
      (searched, visitorId, isTraced) => {
        const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
        const given: BooksSearched = {
          ...event,
          ...searched,
          ...(visitorId !== undefined && { visitorId }),
          ...(isTraced && { trace }),
        };
        assert.deepEqual(decodeBooksSearched(stored(encoded(given)), decodeBooks), {
          ...given,
          normalisedQuery: normaliseQuery(given.query),
        });
      },
    ));
  });

  it("reads records that have key and value only, without an id", () => {
    assert.deepEqual(decodeBooksSearched(foreign(`a:B:${uid}`), decodeBooks), {
      query: "a:B",
      normalisedQuery: "a:b",
      visitorId: uid,
      books: [book],
      searchedAt: 5,
    });
    for (const query of ["a:b", "10:30", `${uid}`, "", `${uid}:x`]) {
      const read = decodeBooksSearched(foreign(query), decodeBooks);
      assert.deepEqual([read.query, read.visitorId], [query, undefined]);
    }
    for (const [key, query] of [["dune:", "dune"], ["10:30:", "10:30"], [`:${uid}`, ""]] as const) {
      assert.equal(decodeBooksSearched(foreign(key), decodeBooks).query, query);
    }
  });

  it("lets fields of later versions pass", () => {
    const later = JSON.stringify([{ ...book, pages: 412 }]);
    assert.deepEqual(decodeBooksSearched(foreign("dune", later), decodeBooks).books, [book]);
  });

  it("refuses what is no search, without quoting it", () => {
    const bytes = Uint8Array.of(0xff);
    const type: RecordHeader = ["ce_type", new TextEncoder().encode("shelfcast.other.v1")];
    const { id: _, ...withoutId } = book;
    const unreadable: [StoredRecord, RegExp][] = [
      [{ ...foreign("dune"), value: null }, /^Value is missing/],
      [{ ...foreign("dune"), value: bytes }, /^Value is not UTF-8/],
      [{ ...foreign("dune"), key: bytes }, /^Key is not UTF-8/],
      [{ ...foreign("dune"), key: null }, /^Key is missing/],
      [{ ...foreign("dune"), headers: [type] }, /^Event type is "shelfcast\.other\.v1"/],
      [foreign("dune", "[{"), /^Value is not JSON/],
      [foreign("dune", "{}"), /^Value is an object, wanted a JSON array of books$/],
      [foreign("dune", JSON.stringify([withoutId])), /^Value at "0\.id" is undefined/],
      [foreign("dune", JSON.stringify([{ ...book, id: "secret" }])), /at "0\.id" is a text,/],
    ];
    for (const [record, message] of unreadable) {
      assert.throws(() => decodeBooksSearched(record, decodeBooks), (error) => {
        assert.ok(error instanceof UnreadableEventError);
        assert.match(error.message, message);
        return true;
      });
    }
  });

  it("refuses a book any of whose fields is missing or of another kind", () => {
    const others = [undefined, null, true, 1.5, 2 ** 53, "text", [], {}];
    for (const [field, value] of Object.entries(book)) {
      const taken = others.filter((other) => {
        const record = foreign("dune", JSON.stringify([book, { ...book, [field]: other }]));
        try {
          return decodeBooksSearched(record, decodeBooks).books.length === 2;
        } catch (error) {
          assert.ok(error instanceof UnreadableEventError);
          return false;
        }
      });
      const texts = field === "published_at" ? [null, "text"] : ["text"];
      assert.deepEqual(taken, typeof value === "number" ? [] : texts, field);
    }
  });
});
