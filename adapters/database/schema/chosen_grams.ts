/** More would cost more than the candidates that they turn away. */
const most = 16;

/**
 * The grams to ask an index for. Those that only say how a word begins tell least; of many, those
 * that stand apart tell more than neighbours do.
 */
export function chosenGrams(grams: readonly string[]): readonly string[] {
  const telling = grams.filter((gram) => !gram.startsWith("__"));
  const chosen = telling.length === 0 ? grams : telling;
  if (chosen.length <= most) return chosen;
  return Array.from(
    { length: most },
    (_, index) => chosen[Math.floor(index * chosen.length / most)] ?? "",
  );
}
