/** What a transaction, or a question, can say to either database. */

/** What is bound to a statement. */
export type Value = string | number | Uint8Array<ArrayBuffer> | null;

/** A row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

export interface Statements {
  rows(sql: string, ...values: readonly Value[]): Promise<readonly Row[]>;
  /** Resolves to the number of rows that were changed. */
  run(sql: string, ...values: readonly Value[]): Promise<number>;
  /**
   * The rows of a statement that ends with `IN (?)`, for any number of keys, with each of which
   * there is one row at most.
   */
  among(
    sql: string,
    values: readonly Value[],
    keys: readonly Uint8Array<ArrayBuffer>[],
  ): Promise<readonly Row[]>;
  /**
   * Adds rows that have nothing but a key: `shared`, and in the last column one of `keys`, none of
   * which comes twice; leaves out those that are there.
   *
   * @param keys In hexadecimal digits.
   * @returns For each whether it was added.
   */
  addNew(
    table: string,
    columns: readonly string[],
    shared: readonly Value[],
    keys: readonly string[],
  ): Promise<readonly boolean[]>;
  /**
   * Puts rows, whole, in the place of those with the same key.
   *
   * @param keyColumns So many of the columns, the first, are the key.
   */
  replace(
    table: string,
    columns: readonly string[],
    keyColumns: number,
    rows: readonly (readonly Value[])[],
  ): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A text as it is stored. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** A stored text. */
export const textOf = (stored: unknown): string =>
  stored instanceof Uint8Array ? decoder.decode(stored) : String(stored);
