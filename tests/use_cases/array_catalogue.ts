/** The definition of a search in the plainest code, as a catalogue. */
import type { Book, NewBook } from "../../src/domain/book.ts";
import { searchForm } from "../../src/domain/search_form.ts";
import { placeOf, type SearchPlace, type SearchQuery } from "../../src/domain/search_query.ts";
import type { BookCatalogue, BookPage, PageRequest } from "../../src/ports/book_catalogue.ts";
import { healthBy } from "../../src/ports/store_health.ts";

/**
 * A shelf in an array, searched by the definition. With `fault` set, everything rejects with it.
 */
export interface ArrayCatalogue extends BookCatalogue {
  fault: Error | undefined;
}

interface Shelved {
  readonly book: Book;
  readonly isbn: string | null;
}

export function createArrayCatalogue(newBooks: readonly Partial<NewBook>[] = []): ArrayCatalogue {
  let shelf: readonly Shelved[] = [];
  let lastId = 0;

  const put = ({ isbn = null, ...book }: Partial<NewBook>): Book => {
    const added: Book = {
      id: ++lastId,
      title: "Untitled",
      author: "Anonymous",
      published_at: null,
      description: "",
      ...book,
      created_at: "2026-01-01 00:00:00",
    };
    shelf = [...shelf, { book: added, isbn }];
    return added;
  };
  newBooks.forEach(put);

  const find = (id: number) => shelf.find(({ book }) => book.id === id);
  const isOther = ({ book }: Shelved, expected: Book | undefined) =>
    expected !== undefined && JSON.stringify(book) !== JSON.stringify(expected);

  const catalogue: ArrayCatalogue = {
    fault: undefined,
    search: ({ query, ...page }) => answer(() => pageOf(foundIn(shelf, query), page)),
    list: (page) =>
      answer(() => pageOf(shelf.map(({ book }) => ({ book, place: 2 as const })), page)),
    get: (id) => answer(() => find(id)?.book),
    add: (book) => answer(() => put(book)),
    addMissing: (books) => answer(() => books.map(put).length),
    update: (id, { isbn, ...fields }, expected) =>
      answer(() => {
        const before = find(id);
        if (before === undefined) return "missing";
        if (isOther(before, expected)) return "changed";
        const after = { book: { ...before.book, ...fields }, isbn: isbn ?? before.isbn };
        shelf = shelf.map((each) => each === before ? after : each);
        return after.book;
      }),
    remove: (id, expected) =>
      answer(() => {
        const before = find(id);
        if (before === undefined) return "missing";
        if (isOther(before, expected)) return "changed";
        shelf = shelf.filter((each) => each !== before);
        return "removed";
      }),
    health: () => healthBy(() => answer(() => undefined)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };

  function answer<T>(find: () => T): Promise<T> {
    return catalogue.fault === undefined
      ? Promise.resolve(find())
      : Promise.reject(catalogue.fault);
  }
  return catalogue;
}

interface Placed {
  readonly book: Book;
  readonly place: SearchPlace;
}

/** What the definition finds, in the order of the answer. */
export function foundIn(shelf: readonly Shelved[], query: SearchQuery): readonly Placed[] {
  return shelf.flatMap(({ book, isbn }) => {
    const place = placeOf(query, searchForm(book), isbn);
    return place === undefined ? [] : [{ book, place }];
  }).toSorted((a, b) => a.place - b.place || a.book.id - b.book.id);
}

function pageOf(all: readonly Placed[], { after, offset, limit }: PageRequest): BookPage {
  const behind = all.filter(({ book, place }) =>
    after === undefined || place > after.place || (place === after.place && book.id > after.id)
  );
  const page = behind.slice(offset, offset + limit);
  const last = page.at(-1);
  const hasMore = behind.length > offset + limit;
  const text = JSON.stringify(page.map(({ book }) => book));
  return {
    json: new TextEncoder().encode(text),
    text,
    count: page.length,
    isComplete: true,
    ...(hasMore && last !== undefined && { next: { place: last.place, id: last.book.id } }),
  };
}
