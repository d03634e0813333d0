/** The real disk, by Deno's files. */
import { LinkedFileError, openOwnFile, ownFolder } from "../../../../src/ports/own_file.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { DiskError, type DiskErrorCode } from "./disk_error.ts";

/** How often a file is looked at where the kernel has no watch left to give. */
const pollMs = 50;

export const denoDisk: Disk = {
  async open(path, mode) {
    return openedFile(path, await guarded(`open "${path}"`, () => openOwnFile(path, mode)));
  },
  list: (directory) =>
    guarded(`list "${directory}"`, async () => {
      const names: string[] = [];
      for await (const entry of Deno.readDir(directory)) names.push(entry.name);
      return names;
    }),
  makeDirectory: (path) => guarded(`make directory "${path}"`, () => Deno.mkdir(path, ownFolder)),
  remove: (path) => guarded(`remove "${path}"`, () => Deno.remove(path)),
  syncDirectory: (path) =>
    guarded(`sync directory "${path}"`, async () => {
      using directory = await Deno.open(path, { read: true });
      await directory.sync();
    }),
  async inode(path) {
    try {
      return (await Deno.stat(path)).ino ?? 0;
    } catch (error) {
      if (diskErrorCode(error) === "missing") return undefined;
      throw diskError(`stat "${path}"`, error);
    }
  },
  namesVersion(directory) {
    try {
      return Deno.statSync(directory).mtime?.getTime();
    } catch {
      return undefined;
    }
  },
  async freeBytes(directory) {
    // Large, and not needed before something was appended.
    const { statfs } = await import("node:fs/promises");
    try {
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return undefined;
      throw diskError(`ask for the free space of "${directory}"`, error);
    }
  },
  watch: watchFile,
};

function openedFile(path: string, file: Deno.FsFile): DiskFile {
  let isOpen = true;
  function close(): void {
    if (isOpen) file.close();
    isOpen = false;
  }
  return {
    read: (position, into) =>
      guarded(`read "${path}"`, async () => {
        file.seekSync(position, Deno.SeekMode.Start);
        let filled = 0;
        while (filled < into.length) {
          const count = await file.read(into.subarray(filled));
          if (count === null) break;
          filled += count;
        }
        return filled;
      }),
    write: (position, bytes) =>
      guarded(`write "${path}"`, async () => {
        file.seekSync(position, Deno.SeekMode.Start);
        let written = await file.write(bytes);
        // A full disk shows first as a short write, then as an error.
        while (written < bytes.length) written += await file.write(bytes.subarray(written));
      }),
    sync: () => guarded(`sync "${path}"`, () => file.syncData()),
    truncate: (length) => guarded(`truncate "${path}"`, () => file.truncate(length)),
    size: () => guarded(`stat "${path}"`, async () => (await file.stat()).size),
    links() {
      const { nlink, ino } = file.statSync();
      return { count: nlink ?? 1, inode: ino ?? 0 };
    },
    tryLock: () => file.tryLockSync(true),
    unlock: () => file.unlockSync(),
    close,
    [Symbol.dispose]: close,
  };
}

function watchFile(path: string, onChange: () => void): () => void {
  let watcher: Deno.FsWatcher;
  try {
    watcher = Deno.watchFs(path, { recursive: false });
  } catch {
    // inotify watches are limited per user; without one the file is polled.
    const timer = setInterval(onChange, pollMs);
    return () => clearInterval(timer);
  }
  const watching = (async () => {
    for await (const event of watcher) if (event.kind !== "access") onChange();
  })();
  watching.catch(onChange);
  return () => watcher.close();
}

async function guarded<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw diskError(what, error);
  }
}

function diskError(what: string, error: unknown): DiskError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DiskError(diskErrorCode(error), `Could not ${what}: ${reason}`, { cause: error });
}

function diskErrorCode(error: unknown): DiskErrorCode {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") return "full";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "denied";
  if (error instanceof Deno.errors.PermissionDenied) return "denied";
  if (error instanceof Deno.errors.NotCapable) return "denied";
  if (error instanceof LinkedFileError) return "denied";
  if (error instanceof Deno.errors.NotFound || code === "ENOTDIR") return "missing";
  return "failed";
}
