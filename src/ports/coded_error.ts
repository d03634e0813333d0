/**
 * What the errors of the ports share: a code out of a closed set for programs, words for people,
 * and the cause.
 */
export abstract class CodedError<Code extends string> extends Error {
  /** What programs act upon. */
  readonly code: Code;

  /**
   * Keeps the client library's own error as the cause.
   *
   * @param message Sentence case, no final period, values quoted: what is and what is wanted. No
   *   secrets.
   */
  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
