/**
 * A disk in memory that notes every operation, so that it can be rebuilt as it could be after a
 * power cut at any of them: what was not synced is there, gone, or there in part (pages of 4 KiB,
 * sectors of 512 bytes), and names of files that were not synced with their directory likewise,
 * each by itself.
 */
import type { Disk, DiskFile } from "../../../adapters/queue/file_log/disk/disk.ts";
import { DiskError } from "../../../adapters/queue/file_log/disk/disk_error.ts";

/** `note` is the test's own: what was accepted, and when. */
export type DiskStep =
  | { readonly kind: "make directory" | "remove"; readonly path: string }
  | { readonly kind: "create"; readonly path: string; readonly inode: number }
  | {
    readonly kind: "write";
    readonly inode: number;
    readonly at: number;
    readonly bytes: Uint8Array;
  }
  | { readonly kind: "truncate"; readonly inode: number; readonly length: number }
  | { readonly kind: "sync"; readonly inode: number }
  /**
   * What was not synced is then as it happens to be, and no later sync makes it durable: its pages
   * count as clean.
   */
  | { readonly kind: "failed sync"; readonly inode: number }
  | { readonly kind: "sync directory"; readonly path: string }
  | { readonly kind: "note"; readonly note: unknown };

type Change = Extract<DiskStep, { kind: "write" | "truncate" }>;
type Naming = Extract<DiskStep, { kind: "make directory" | "remove" | "create" }>;
type Entry = number | "directory";

export interface DiskState {
  readonly names: Map<string, Entry>;
  readonly files: Map<number, Uint8Array>;
}

export interface MemoryDisk extends Disk {
  readonly steps: readonly DiskStep[];
  readonly state: DiskState;
  note(note: unknown): void;
}

/** Faults that a test wants; each is asked before the operation is done. */
export interface DiskFaults {
  /** May throw. */
  read?(path: string, position: number, length: number): void;
  /**
   * How many of the bytes pass; where not all do, the write fails for want of space. May throw, or
   * be long.
   */
  write?(path: string, bytes: Uint8Array): number | Promise<number>;
  /** May throw, or be long. */
  sync?(path: string): void | Promise<void>;
  /** Default: it cannot be told. */
  freeBytes?(): number;
}

/**
 * @param steps What happened before: the state that a process finds which starts after another was
 *   killed.
 */
export function createMemoryDisk(
  steps: readonly DiskStep[] = [],
  faults: DiskFaults = {},
): MemoryDisk {
  const log: DiskStep[] = [...steps];
  const state = replay(steps);
  const holders = new Map<number, DiskFile>();
  const watchers = new Set<{ readonly path: string; readonly onChange: () => void }>();

  function perform(step: DiskStep): void {
    log.push(step);
    apply(state, step);
  }

  function changed(path: string): void {
    for (const watcher of watchers) if (watcher.path === path) watcher.onChange();
  }

  function opened(path: string, inode: number): DiskFile {
    const content = (): Uint8Array => state.files.get(inode) ?? new Uint8Array(0);
    const file: DiskFile = {
      async read(position, into) {
        await nextTurn();
        faults.read?.(path, position, into.length);
        const bytes = content().subarray(position, position + into.length);
        into.set(bytes);
        return bytes.length;
      },
      async write(position, bytes) {
        await nextTurn();
        const passing = await faults.write?.(path, bytes) ?? bytes.length;
        perform({ kind: "write", inode, at: position, bytes: bytes.slice(0, passing) });
        changed(path);
        if (passing < bytes.length) throw new DiskError("full", "No space left on device");
      },
      async sync() {
        await nextTurn();
        try {
          await faults.sync?.(path);
        } catch (error) {
          perform({ kind: "failed sync", inode });
          throw error;
        }
        perform({ kind: "sync", inode });
      },
      async truncate(length) {
        await nextTurn();
        perform({ kind: "truncate", inode, length });
      },
      async size() {
        await nextTurn();
        return content().length;
      },
      links() {
        const count = [...state.names.values()].filter((entry) => entry === inode).length;
        return { count, inode };
      },
      tryLock() {
        const holder = holders.get(inode);
        if (holder !== undefined && holder !== file) return false;
        holders.set(inode, file);
        return true;
      },
      unlock() {
        if (holders.get(inode) === file) holders.delete(inode);
      },
      close: () => file.unlock(),
      [Symbol.dispose]: () => file.unlock(),
    };
    return file;
  }

  return {
    steps: log,
    state,
    note: (note) => log.push({ kind: "note", note }),
    async open(given, mode) {
      await nextTurn();
      const path = resolved(given);
      const entry = state.names.get(path);
      if (typeof entry === "number") return opened(path, entry);
      if (mode !== "create" || state.names.get(parent(path)) !== "directory") {
        throw new DiskError("missing", `No file "${path}"`);
      }
      const inode = Math.max(0, ...log.map((step) => step.kind === "create" ? step.inode : 0)) + 1;
      perform({ kind: "create", path, inode });
      return opened(path, inode);
    },
    async list(directory) {
      await nextTurn();
      const inside = `${resolved(directory)}/`;
      if (state.names.get(resolved(directory)) !== "directory") {
        throw new DiskError("missing", "No directory");
      }
      return [...state.names.keys()]
        .filter((path) => path.startsWith(inside) && !path.slice(inside.length).includes("/"))
        .map((path) => path.slice(inside.length));
    },
    async makeDirectory(given) {
      await nextTurn();
      const parts = resolved(given).split("/").slice(1);
      for (let n = 1; n <= parts.length; n++) {
        const path = `/${parts.slice(0, n).join("/")}`;
        if (!state.names.has(path)) perform({ kind: "make directory", path });
      }
    },
    async remove(given) {
      await nextTurn();
      const path = resolved(given);
      if (!state.names.has(path)) throw new DiskError("missing", `No file "${path}"`);
      perform({ kind: "remove", path });
      changed(path);
    },
    async syncDirectory(given) {
      await nextTurn();
      const path = resolved(given);
      if (!state.names.has(path)) throw new DiskError("missing", `No directory "${path}"`);
      perform({ kind: "sync directory", path });
    },
    async inode(given) {
      await nextTurn();
      const entry = state.names.get(resolved(given));
      return typeof entry === "number" ? entry : undefined;
    },
    namesVersion: () => log.filter(({ kind }) => kind === "create" || kind === "remove").length,
    freeBytes: () => Promise.resolve(faults.freeBytes?.()),
    watch(given, onChange) {
      const watcher = { path: resolved(given), onChange };
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** How much of what was not synced is there after a power cut. */
export type Luck = "all lost" | "all kept" | (() => number);

/**
 * The disk as it could be after a power cut behind `steps`. As steps, so that a disk can be made of
 * it, and cut again.
 */
export function afterPowerCut(steps: readonly DiskStep[], luck: Luck): readonly DiskStep[] {
  const namings: Naming[] = [];
  const changes = new Map<number, Change[]>();
  const durable = replay([]);
  for (const step of steps) {
    if (step.kind === "write" || step.kind === "truncate") {
      const pending = changes.get(step.inode) ?? [];
      changes.set(step.inode, [...pending, step]);
    } else if (step.kind === "sync") {
      for (const change of changes.get(step.inode) ?? []) apply(durable, change);
      changes.delete(step.inode);
    } else if (step.kind === "failed sync") {
      for (const change of changes.get(step.inode) ?? []) {
        for (const part of surviving(change, luck)) apply(durable, part);
      }
      changes.delete(step.inode);
    } else if (step.kind === "sync directory") {
      for (const naming of namings.splice(0)) {
        if (parent(naming.path) === step.path) apply(durable, naming);
        else namings.push(naming);
      }
    } else if (step.kind !== "note") namings.push(step);
  }
  for (const naming of namings) if (isKept(luck)) apply(durable, naming);
  for (const change of [...changes.values()].flat()) {
    for (const part of surviving(change, luck)) apply(durable, part);
  }
  return asSteps(durable);
}

function surviving(change: Change, luck: Luck): readonly Change[] {
  if (luck === "all lost") return [];
  if (luck === "all kept") return [change];
  const fate = luck();
  if (fate < 0.3) return [];
  if (fate < 0.5 || change.kind === "truncate") return [change];
  const unit = fate < 0.75 ? 4096 : 512;
  const parts: Change[] = [];
  let at = change.at;
  while (at < change.at + change.bytes.length) {
    const end = Math.min((Math.floor(at / unit) + 1) * unit, change.at + change.bytes.length);
    const bytes = change.bytes.subarray(at - change.at, end - change.at);
    if (luck() < 0.5) parts.push({ ...change, at, bytes });
    at = end;
  }
  return parts;
}

const isKept = (luck: Luck): boolean =>
  luck === "all kept" || (luck !== "all lost" && luck() < 0.5);

/** A directory that is lost takes with it what is in it. */
function asSteps({ names, files }: DiskState): readonly DiskStep[] {
  const steps: DiskStep[] = [];
  const reached = new Set(["/"]);
  for (const path of [...names.keys()].toSorted()) {
    if (path === "/" || !reached.has(parent(path))) continue;
    reached.add(path);
    const inode = names.get(path);
    if (typeof inode !== "number") {
      steps.push({ kind: "make directory", path });
    } else {
      steps.push({ kind: "create", path, inode });
      const bytes = files.get(inode) ?? new Uint8Array(0);
      steps.push({ kind: "write", inode, at: 0, bytes }, { kind: "sync", inode });
    }
    steps.push({ kind: "sync directory", path: parent(path) });
  }
  return steps;
}

function replay(steps: readonly DiskStep[]): DiskState {
  const state: DiskState = { names: new Map([["/", "directory"]]), files: new Map() };
  for (const step of steps) apply(state, step);
  return state;
}

function apply({ names, files }: DiskState, step: DiskStep): void {
  switch (step.kind) {
    case "make directory":
      names.set(step.path, "directory");
      break;
    case "create":
      names.set(step.path, step.inode);
      break;
    case "remove":
      names.delete(step.path);
      break;
    case "truncate":
      files.set(step.inode, resized(files.get(step.inode), step.length));
      break;
    case "write": {
      const end = step.at + step.bytes.length;
      const old = files.get(step.inode);
      const content = resized(old, Math.max(end, old?.length ?? 0));
      content.set(step.bytes, step.at);
      files.set(step.inode, content);
    }
  }
}

function resized(bytes: Uint8Array | undefined, length: number): Uint8Array {
  const content = new Uint8Array(length);
  if (bytes !== undefined) content.set(bytes.subarray(0, length));
  return content;
}

function resolved(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

const nextTurn = (): Promise<void> => Promise.resolve();
