/** First interests of visitors, for who looks at page after page: they change with events only. */
import type { ReadFirst } from "../schema/read_models/read_models.ts";
import { shareLook } from "../schema/shared_look.ts";
import { keepValues } from "./kept_values.ts";

/** What they may take: 2 MiB. */
const keptBytes = 2 * 2 ** 20;
/** What an entry is taken to cost beside its texts. An allowance. */
const overheadBytes = 200;

/**
 * Keeps what was read of one version of the file.
 *
 * @param version Differs when any program has changed anything.
 */
export const keepInterests = (version: () => unknown) => (read: ReadFirst): ReadFirst => {
  const look = shareLook(version);
  const kept = keepValues<string, Awaited<ReturnType<ReadFirst>>>(
    keptBytes,
    (books) =>
      books.reduce((sum, [, title, author]) => sum + 2 * (title.length + author.length) + 100, 0) +
      overheadBytes,
  );

  let current: unknown;

  return async (visitorId, limit) => {
    const looked = look();
    const seen = looked instanceof Promise ? await looked : looked;
    kept.see(current = seen);
    const key = `${limit} ${visitorId}`;
    const known = kept.find(key);
    if (known !== undefined) return known;
    const books = await read(visitorId, limit);
    // They are of this version or newer. Where another was seen meanwhile they may be older.
    if (current === seen) kept.keep(key, books);
    return books;
  };
};
