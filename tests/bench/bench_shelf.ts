import { readStarterShelf } from "../../adapters/database/starter_shelf/starter_shelf.ts";
import type { NewBook } from "../../src/domain/book.ts";

/**
 * So many books, the same each time: the starter shelf, then titles whose first and second halves,
 * and authors, are those of books of it drawn by lot, so that words are as frequent as they really
 * are. None has "zyzzyva" in it, and every thousandth the word "quokka".
 */
export function* benchShelf(count: number): Generator<NewBook> {
  const real = readStarterShelf();
  const next = lots(42);
  const draw = (): NewBook => real[next() % real.length] as NewBook;
  for (let index = 0; index < count; index++) {
    const book = real[index];
    if (book !== undefined) {
      yield book;
      continue;
    }
    const first = draw().title.split(" ");
    const second = draw().title.split(" ");
    const rare = index % 1000 === 0 ? ["quokka"] : [];
    const title = [
      ...first.slice(0, Math.ceil(first.length / 2)),
      ...second.slice(Math.floor(second.length / 2)),
      ...rare,
    ].join(" ").slice(0, 400);
    const { author, published_at, description } = draw();
    yield { title, author, published_at, description };
  }
}

/** Numbers that look like chance (xorshift). */
function lots(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
