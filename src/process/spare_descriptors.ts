/** File descriptors that are kept from connections, for files, databases and brokers. */
import { closeSync, openSync } from "node:fs";

/** Connections at most, as far as descriptors tell. */
export interface SpareDescriptors {
  /** Keeps them. @returns False where the process has not so many left: then it keeps none. */
  hold(): boolean;
  /** Lets others have them. */
  release(): void;
  /**
   * About how many descriptors are open; undefined where the process has hardly any left. The
   * system gives the lowest number that is free, so the number of a new one tells.
   */
  open(): number | undefined;
}

/** Other parts open fewer between two looks: segments of the log, brokers, the database. */
const heldCount = 32;
const lookCount = 8;

/**
 * Deno tells neither how many descriptors a process may have nor how many connections it has, and
 * reading `/proc` would need all permissions. So it is found out by opening a file: the limit is
 * where that fails.
 *
 * @param file One that can be read. Where it cannot, nothing is held and nothing is known.
 */
export function createSpareDescriptors(file: string): SpareDescriptors {
  const held: number[] = [];

  return {
    hold() {
      if (held.length > 0) return true;
      const { descriptors, isAtLimit } = openMany(file, heldCount);
      if (isAtLimit) closeAll(descriptors);
      else held.push(...descriptors);
      return !isAtLimit;
    },
    release: () => closeAll(held),
    open() {
      const { descriptors, isAtLimit } = openMany(file, lookCount);
      // Connections that have just gone leave gaps: the highest number is nearest to the truth.
      const highest = Math.max(0, ...descriptors);
      closeAll(descriptors);
      return isAtLimit ? undefined : highest;
    },
  };
}

/** The lowest number that is free; 0 where none is. */
export function numberOf(file: string): number {
  const { descriptors } = openMany(file, 1);
  const [number = 0] = descriptors;
  closeAll(descriptors);
  return number;
}

function openMany(file: string, count: number) {
  const descriptors: number[] = [];
  let isAtLimit = false;
  try {
    while (descriptors.length < count) descriptors.push(openSync(file, "r"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    isAtLimit = code === "EMFILE" || code === "ENFILE";
  }
  return { descriptors, isAtLimit };
}

function closeAll(descriptors: number[]): void {
  for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
}
