/** The values of options, as the command line says them. */
import { InvalidArgumentError } from "commander";
import type { RecordHeader } from "../ports/event_record.ts";
import type { StartFrom } from "../ports/event_source.ts";

/** A number of things on the command line, from 1 on. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("Wanted a whole number from 1 on.");
}

/** What stands between the columns of a file; `\\t` is a tab. */
export function parseColumnSeparator(text: string): string {
  const separator = text === "\\t" ? "\t" : text;
  if (/^[^"\r\n\p{L}\p{N}]$/v.test(separator) && separator.length === 1) return separator;
  throw new InvalidArgumentError(
    "Wanted one character that is no letter, digit, quote or line end.",
  );
}

/** Where something is to listen. */
export interface Address {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** `host:port`, an IPv6 address in brackets. */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, digits = ""] =
    /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ??
      [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new InvalidArgumentError("Wanted host:port, as 127.0.0.1:9404.");
}

/** Adds a `--header name=value` to those before it. The value may contain "=" and may be empty. */
export function parseHeader(
  text: string,
  before: readonly RecordHeader[] | undefined,
): readonly RecordHeader[] {
  const sign = text.indexOf("=");
  if (sign < 1) throw new InvalidArgumentError("Wanted name=value.");
  const header = [text.slice(0, sign), new TextEncoder().encode(text.slice(sign + 1))] as const;
  return [...before ?? [], header];
}

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

/** Where a group is moved: as where reading starts, or so long ago. */
export type MoveTo = StartFrom | { readonly agoMs: number };

const units: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Where a group is moved to, as the command line says it. */
export function parseMove(text: string): MoveTo {
  const [, count = "", unit = ""] = /^-(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (unit !== "") return { agoMs: Number(count) * (units[unit] ?? 0) };
  try {
    return parseStart(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`Wanted ${forms}, or how long ago: -90s, -10m, -2h, -7d.`);
  }
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
