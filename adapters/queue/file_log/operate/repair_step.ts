/** What the parts of a repair agree on. */
import {
  type Predecessor,
  type SegmentHeader,
  segmentHeaderBytes,
} from "../format/segment_header.ts";

export interface Step {
  /** In words. */
  readonly what: string;
  run(): Promise<void>;
}

/** Where a segment ends, for the next one's header. */
export type End = Pick<SegmentHeader, "time" | "recordsBefore"> & Omit<Predecessor, "endedBy">;

/** A predecessor that holds nothing: whatever was before is given up. */
export const givenUp = (base = 0): Predecessor => ({
  base,
  next: base,
  length: segmentHeaderBytes,
  endedBy: "repair",
});

export function linkTo(end: Omit<Predecessor, "endedBy"> | undefined): Predecessor | undefined {
  if (end === undefined) return undefined;
  const { base, next, length } = end;
  return { base, next, length, endedBy: "repair" };
}
