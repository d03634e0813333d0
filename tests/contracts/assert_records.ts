/**
 * What came, against what was wanted: a law that fails says which record is missing, came twice,
 * came too early or is nobody's, and says it as soon as that is certain.
 */
import assert from "node:assert/strict";

/** Records in one order: the same values, in that order, and nothing else. */
export function assertRecords(came: readonly string[], wanted: readonly string[]): void {
  assertSameRecords(came, wanted);
  for (const [n, value] of came.entries()) assertNext(value, wanted, n);
}

/** Records in whatever order: each of the values once, and nothing else. */
export function assertSameRecords(came: readonly string[], wanted: readonly string[]): void {
  const [seen, known] = [new Set(came), new Set(wanted)];
  const faults = [
    ["missing", wanted.filter((value) => !seen.has(value))],
    ["came twice", came.filter((value, n) => came.indexOf(value) !== n)],
    ["came though nobody published it", came.filter((value) => !known.has(value))],
  ] as const;
  const found = faults.filter(([, values]) => values.length > 0);
  assert.ok(
    found.length === 0,
    found.map(([what, values]) => `${what}: ${list(values)}`).join("; "),
  );
}

/** The `n`-th record that comes (from 0 on) must be the `n`-th that is wanted. */
export function assertNext(value: string, wanted: readonly string[], n: number): void {
  const expected = wanted[n];
  if (value === expected) return;
  const [came, missed] = [JSON.stringify(value), JSON.stringify(expected)];
  if (expected === undefined) assert.fail(`${came} came after the last record that was wanted`);
  if (wanted.indexOf(value) > n) assert.fail(`missing: ${missed}; ${came} came in its place`);
  if (wanted.includes(value)) assert.fail(`came twice: ${came}, where ${missed} was wanted`);
  assert.fail(`missing: ${missed}; ${came}, which was not wanted here, came in its place`);
}

/** The first of them, quoted, and how many more there are. */
export function list(values: readonly string[]): string {
  const shown = values.slice(0, 5).map((value) => JSON.stringify(value)).join(", ");
  return values.length > 5 ? `${shown} and ${values.length - 5} more` : shown;
}
