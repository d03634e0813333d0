/**
 * What a search may ask. Behind the last offset nobody reads on: they search again, with another
 * word.
 */
export const searchLimits = {
  /** In code points, so that an emoji counts once. */
  queryMaxCharacters: 200,
  /** The furthest page starts there. */
  offsetMax: 1000,
} as const;
