import type { RecordHeader } from "../ports/event_record.ts";
import { headerNames } from "./header_names.ts";

const decoder = new TextDecoder();

/** The event's id, or undefined where the record has none: records of others need not be events. */
export function eventIdOf(headers: readonly RecordHeader[]): string | undefined {
  for (const [name, value] of headers) {
    if (name === headerNames.id) return decoder.decode(value) || undefined;
  }
  return undefined;
}
