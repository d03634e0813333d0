import { InvalidArgumentError } from "commander";

/** A number of things on the command line, from 1 on. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("Wanted a whole number from 1 on.");
}
