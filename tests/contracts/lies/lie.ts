import type { LogGuarantees } from "../../../src/ports/log_guarantees.ts";
import type { Distortion } from "./distort.ts";
import type { Division } from "./partitioned_log.ts";

/** A log that breaks one promise, and the law that catches it. */
export interface Lie {
  /** Completes "a log that …". */
  readonly lie: string;
  /** Id and name of the law, or how they begin. */
  readonly law: string;
  /** What the law says, so that its reader knows what is wrong: mostly which record. */
  readonly says: RegExp;
  /**
   * Nothing comes, or nothing ends, where something should: only patience finds out. Default: the
   * law knows at once.
   */
  readonly isSilent?: true;
  /** What it tells, on top of what its base declares. */
  readonly declares?: Partial<LogGuarantees>;
  /** Its base has several partitions, which it divides like this. Default: one. */
  readonly division?: Partial<Division>;
  /** What is between the law and an honest log: one for all handles of a place. */
  readonly told: () => Distortion;
}
