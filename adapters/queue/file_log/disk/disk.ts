/**
 * The wing `disk` is what the log asks of a disk, with the machine's own disk, one that waits for a
 * faulty device, one that refuses to write, and the lock among processes. It knows no format and no
 * log.
 *
 * This file is all that is done to a disk, as one small interface, so that tests can put a disk in
 * memory under it and stop after every step. **After a log is open, whatever may wait for the
 * device is asynchronous**: a device that hangs for seconds must not stop the event loop.
 * Synchronous are only `tryLock`, `unlock`, `links`, `namesVersion` and `close`, which the kernel
 * answers from memory.
 *
 * Every method throws or rejects with a `DiskError`, and with nothing else.
 */
export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** Names in a directory, in no order. */
  list(directory: string): Promise<readonly string[]>;
  /** Makes a directory and the missing ones above it; one that exists is left alone. */
  makeDirectory(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations and removals of names in this directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** The number of the file at a path, or undefined where there is none. */
  inode(path: string): Promise<number | undefined>;
  /**
   * Another number after names in the directory have come or gone; undefined where it cannot be
   * seen any more. Never throws.
   */
  namesVersion(directory: string): number | undefined;
  /**
   * How much can still be written to the disk of a directory; undefined where that may not be
   * asked.
   */
  freeBytes(directory: string): Promise<number | undefined>;
  /**
   * Calls `onChange` after each change of a file, perhaps more often; the returned function ends
   * it.
   */
  watch(path: string, onChange: () => void): () => void;
}

/**
 * `read` and `write` want the file to exist; `create` makes it where it does not. A file opened by
 * `write` or `create` can be read, too.
 */
export type OpenMode = "read" | "write" | "create";

/**
 * One operation at a time: who opened a file awaits each before the next. To dispose of it is to
 * close it.
 */
export interface DiskFile extends Disposable {
  /**
   * Fills `into` from `position` on, and resolves with how many bytes there were before the end of
   * the file.
   */
  read(position: number, into: Uint8Array): Promise<number>;
  /** Writes all of `bytes`; where that fails, a part of them may stand. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Makes the file's contents and length durable (fdatasync). */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  /** How many names the file has left, and its number. */
  links(): { readonly count: number; readonly inode: number };
  /** Takes the file's exclusive lock, which any process can hold, if it is free. */
  tryLock(): boolean;
  unlock(): void;
  /** Gives up a lock, too. Closing again does nothing. */
  close(): void;
}
