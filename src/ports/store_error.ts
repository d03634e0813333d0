import { CodedError } from "./coded_error.ts";

/**
 * `unavailable`: the database is away or over-busy, trying again may help. `full`: the bound that
 * it was opened with is reached. `failed`: anything else. The cause is kept.
 */
export type StoreErrorCode = "unavailable" | "full" | "failed";

/** The only error that the promises of a catalogue or a read model reject with. */
export class StoreError extends CodedError<StoreErrorCode> {
  /** Survives minification and structured logging. */
  override readonly name = "StoreError";
}
