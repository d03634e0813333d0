import { DatabaseSync } from "node:sqlite";

/**
 * What is in a shelf's file, in words; changes nothing.
 *
 * @throws what node:sqlite throws, where it is there and cannot be read.
 */
export async function probeSqlite(file: string): Promise<string> {
  try {
    await Deno.stat(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `"${file}" is made at the first start`;
    throw error;
  }
  using database = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
  const row = database.prepare("SELECT count(*) AS books FROM books").get();
  return `"${file}" holds ${row?.books} books`;
}
