import { InvalidArgumentError } from "commander";
import type { StartFrom } from "../ports/event_source.ts";

const forms =
  "earliest, latest, offset:N, time:2026-11-21T10:00:00Z or time:MS (milliseconds since 1970)";

/** For the help of commands with `--from`. */
export const startHelp = `\
--from takes ${forms}.
An offset counts in every partition; one before the oldest record means the oldest, one past the end the end. A time
means the first record that the log took then or later.`;

/** Where reading starts, as the command line says it. */
export function parseStart(text: string): StartFrom {
  if (text === "earliest" || text === "latest") return text;
  const [, kind, value = ""] = /^(offset|time):(.*)$/.exec(text) ?? [];
  if (kind === "offset" && /^\d+$/.test(value)) return { offset: BigInt(value) };
  const time = kind === "time" ? millisecondsOf(value) : undefined;
  if (time !== undefined) return { time };
  throw new InvalidArgumentError(`Wanted ${forms}.`);
}

/**
 * ISO 8601 with a date, a time and "Z" or an offset from UTC, or the milliseconds since the epoch
 * themselves.
 */
function millisecondsOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
  try {
    const time = Temporal.Instant.from(text).epochMilliseconds;
    return time >= 0 ? time : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
