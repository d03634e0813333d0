import fc from "fast-check";
import type { WireRecord } from "../../../adapters/queue/kafka/wire/batch_format.ts";

const bytes = fc.uint8Array({ maxLength: 300 });
const maybeBytes = fc.option(bytes);
/** Lengths round the places where a number takes one byte more. */
const long = fc.constantFrom(63, 64, 127, 128, 8191, 8192, 70_000).map((size) =>
  new Uint8Array(size).fill(7)
);
/** Any record, the awkward ones too. */
export const wireRecord: fc.Arbitrary<WireRecord> = fc.record({
  key: maybeBytes,
  value: fc.oneof(maybeBytes, long),
  headers: fc.array(fc.tuple(fc.string({ minLength: 1, unit: "grapheme" }), bytes), {
    maxLength: 12,
  }),
  timestamp: fc.oneof(
    fc.maxSafeNat(),
    fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  ),
}, { noNullPrototype: true });
