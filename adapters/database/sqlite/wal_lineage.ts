/**
 * Whether the log beside a database file (`-wal`) is that file's own. SQLite does not ask: it
 * replays whatever log lies there, and a backup that was restored beside an old log would be undone
 * in silence.
 *
 * Every change that we make raises `user_version` by one. SQLite keeps it on the first page, so
 * that a log's first pages tell which state it continues, and the file's first page tells which
 * state that is.
 */
import { StoreError } from "../../../src/ports/store_error.ts";

/** Where the 32 bits stand on the first page (sqlite.org/fileformat2.html §1.3). */
const generationAt = 60;
const walHeaderBytes = 32;
const frameHeaderBytes = 24;
const pageHeaderBytes = 100;

/** Another process may write while we look: what is wrong must be so twice. */
const looks = 3;

/** @throws {StoreError} `failed` where the log continues another state than the file's. */
export function checkLineage(file: string): void {
  let seen = "";
  for (let look = 0; look < looks; look++) {
    const generation = generationOf(file);
    const logged = generation === undefined ? [] : loggedGenerations(`${file}-wal`);
    const first = logged[0];
    if (generation === undefined || first === undefined) return;
    // The same: another program wrote without counting. Any of them: killed while the log was
    // copied into the file.
    if (first === generation + 1 || logged.includes(generation)) return;
    if (seen === `${generation} ${first}`) throw otherLog(file, generation, first);
    seen = `${generation} ${first}`;
  }
}

const otherLog = (file: string, fileCount: number, firstCount: number): StoreError =>
  new StoreError(
    "failed",
    `Database "${file}" is at change ${fileCount}, and the log "${file}-wal" beside it goes on to change ${firstCount}, ` +
      "wanted its own log, as another file's would undo what was restored: to use the file as it is, move the log and " +
      `"${file}-shm" away, else put back the file that the log belongs to`,
  );

/** A database file that SQLite has open in this process, too. */
export interface WatchedFile extends Disposable {
  /** How many changes it holds, those in its log not counted; undefined where it is empty. */
  generation(): number | undefined;
}

/**
 * Stays open as long as SQLite has the file open, and is disposed of behind that: closing a file
 * takes away all locks that the process has on it (sqlite.org/howtocorrupt.html §2.2), and the next
 * program to end would remove the log from under the running shop.
 */
export function watchFile(path: string): WatchedFile {
  const file = Deno.openSync(path);
  return {
    generation: () => generationIn(file),
    [Symbol.dispose]: () => file.close(),
  };
}

/** Undefined where the file is none, or empty. Not to be asked while SQLite has it open here. */
function generationOf(path: string): number | undefined {
  try {
    using file = Deno.openSync(path);
    return generationIn(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function generationIn(file: Deno.FsFile): number | undefined {
  const page = new Uint8Array(pageHeaderBytes);
  file.seekSync(0, Deno.SeekMode.Start);
  return file.readSync(page) === pageHeaderBytes ? view(page).getUint32(generationAt) : undefined;
}

/** Of each first page that the log holds, in order; as far as its frames are of its last run. */
function loggedGenerations(wal: string): readonly number[] {
  const bytes = readWhole(wal);
  if (bytes === undefined || bytes.length < walHeaderBytes) return [];
  const log = view(bytes);
  const pageBytes = log.getUint32(8);
  const generations: number[] = [];
  const frameBytes = frameHeaderBytes + pageBytes;
  for (let at = walHeaderBytes; at + frameBytes <= bytes.length; at += frameBytes) {
    // The salts change with each run; what was left of an earlier one ends it.
    if (log.getUint32(at + 8) !== log.getUint32(16)) break;
    if (log.getUint32(at + 12) !== log.getUint32(20)) break;
    if (log.getUint32(at) !== 1) continue;
    generations.push(log.getUint32(at + frameHeaderBytes + generationAt));
  }
  return generations;
}

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readWhole(path: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
  error instanceof Deno.errors.IsADirectory;
