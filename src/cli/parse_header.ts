import { InvalidArgumentError } from "commander";
import type { RecordHeader } from "../ports/event_record.ts";

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
