/** What the main thread asks of the Worker that makes all changes, and what that replies. */
import type { Book, NewBook } from "../../../src/domain/book.ts";
import type { ChangeRefusal } from "../../../src/ports/book_catalogue.ts";
import type { StoreErrorCode } from "../../../src/ports/store_error.ts";
import type { SharedGrams } from "../schema/gram_shares.ts";
import type { BuildProgress } from "./index_build.ts";
import type { ShelfIdentity } from "./shelf_file.ts";

/** Name → what goes in, what comes out. */
export interface WriterTasks {
  /** Makes or checks the file; must come first. */
  prepare: { input: PrepareInput; output: null };
  /** Adds a book; the output is its id. */
  add: { input: Bounded & { readonly book: NewBook }; output: number };
  /** Adds the books that are not there; the output is how many. */
  addMissing: {
    input: Bounded & { readonly books: readonly NewBook[] };
    output: number;
  };
  update: {
    input: { readonly id: number; readonly book: NewBook; readonly expected: Book | undefined };
    output: Book | ChangeRefusal;
  };
  remove: {
    input: { readonly id: number; readonly expected: Book | undefined };
    output: "removed" | ChangeRefusal;
  };
  /** Closes the file; must come last. */
  close: { input: null; output: null };
}

interface Bounded {
  readonly createdAt: string;
  /** Of the shelf. */
  readonly maxBooks: number;
}

export interface PrepareInput {
  readonly file: string;
  readonly shelf: "starter" | "empty";
  readonly busyTimeoutMs: number;
  /** `created_at` of the starter shelf. */
  readonly createdAt: string;
  /**
   * Where the caller has looked at the file and reads it: which files it found. They must be those
   * still, and are not looked at again: closing one would take the reader's locks.
   */
  readonly opened?: ShelfIdentity;
}

export type TaskName = keyof WriterTasks;

export type WriterRequest = {
  [Name in TaskName]: {
    readonly call: number;
    readonly task: Name;
    readonly input: WriterTasks[Name]["input"];
  };
}[TaskName];

export type WriterReply =
  | { readonly kind: "progress"; readonly loaded: number; readonly total: number }
  /** The index of an older shelf is being made. */
  | { readonly kind: "build"; readonly progress: BuildProgress }
  | { readonly kind: "sampled"; readonly shares: SharedGrams }
  /** The index cannot be brought up to date; it is tried again. */
  | { readonly kind: "behind"; readonly message: string }
  | { readonly kind: "unnoted" }
  | {
    readonly kind: "done";
    readonly call: number;
    readonly output: WriterTasks[TaskName]["output"];
  }
  /** An error in the only form that crosses threads whole. */
  | {
    readonly kind: "failed";
    readonly call: number;
    readonly code: StoreErrorCode;
    readonly message: string;
    readonly cause: string | undefined;
  };
