/** What was measured several times. */
export interface Samples {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function samples(values: readonly number[]): Samples {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, median, most] = [0, Math.floor(sorted.length / 2), -1].map((n) => sorted.at(n));
  return { least: least ?? NaN, median: median ?? NaN, most: most ?? NaN };
}

/** The value below which this share of them is. */
export function samplesAt(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
