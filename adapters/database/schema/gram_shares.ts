/**
 * How frequent grams are, from a sample of books: searches begin with the rarest, and look at fewer
 * ids at once where even that one is frequent.
 */
export interface GramShares {
  /** The part of all books that have it, above 0; a guess where the sample does not know. */
  of(gram: string): number;
}

/** Those that matter, as they cross threads. */
export type SharedGrams = ReadonlyMap<string, number>;

/** Of a gram that no sampled book has. */
const rareShare = 0.000_5;
/** Rarer ones are not worth remembering. */
const tellingShare = 0.002;

export function countShares(sample: readonly (readonly string[])[]): SharedGrams {
  const counts = new Map<string, number>();
  for (const grams of sample) {
    for (const gram of grams) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  const shares = [...counts].map(([gram, count]) => [gram, count / sample.length] as const);
  return new Map(shares.filter(([, share]) => share >= tellingShare));
}

/** @param known Undefined: nothing has been sampled yet. */
export function sharesIn(known: SharedGrams | undefined): GramShares {
  return { of: (gram) => known?.get(gram) ?? (known === undefined ? guess(gram) : rareShare) };
}

/** That a word begins with a letter says little, three letters in a row much. */
function guess(gram: string): number {
  if (gram.startsWith("__")) return 0.2;
  return gram.startsWith("_") || gram.startsWith("!") ? 0.05 : 0.02;
}
