/** More would cost more than the candidates that they turn away. */
const mostOfAll = 8;
const mostOfOne = 2;

/** A gram that an index may be asked for. */
export interface ChosenGram {
  readonly gram: string;
  /** About how many books have it. */
  readonly frequency: number;
  /**
   * Of which thing that is asked: grams of one word come together, so that a second says little.
   */
  readonly group: number;
}

/**
 * The grams to ask an index for, rarest first.
 *
 * @param groups Of each thing that is asked, so that none goes unasked while there are few.
 * @param frequencyOf It need not be right.
 */
export function chosenGrams(
  groups: readonly (readonly string[])[],
  frequencyOf: (gram: string) => number,
): readonly ChosenGram[] {
  const chosen = new Map<string, ChosenGram>();
  groups.forEach((grams, group) => {
    const all = [...new Set(grams)].map((gram) => ({ gram, frequency: frequencyOf(gram), group }));
    for (const one of rarestFirst(all).slice(0, mostOfOne)) {
      if (!chosen.has(one.gram)) chosen.set(one.gram, one);
    }
  });
  return rarestFirst([...chosen.values()]).slice(0, mostOfAll);
}

const rarestFirst = (grams: readonly ChosenGram[]): readonly ChosenGram[] =>
  grams.toSorted((a, b) => a.frequency - b.frequency);
