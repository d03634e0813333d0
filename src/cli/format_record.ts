import type { StoredRecord } from "../ports/event_record.ts";
import { decodeText } from "./decode_text.ts";
import { escapeControls, escapeControlsInJson } from "../process/escape_controls.ts";

/** Where a record stands. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
}

/** A record as a line of text. */
export type RecordFormat = (place: RecordPlace, record: StoredRecord) => string;

/** The formats of `--format`, each a line for every record, without the line's end. */
export const recordFormats = {
  text: formatText,
  json: formatJson,
} as const satisfies Record<string, RecordFormat>;

/**
 * For people: control characters are escaped, `null` stands for no key or no value, bytes that are
 * no text as `base64:…`.
 */
function formatText({ topic }: RecordPlace, { key, value }: StoredRecord): string {
  return `Consumed message from topic ${topic}: key=${showText(key)}, value=${showText(value)}`;
}

function showText(bytes: Uint8Array | null): string {
  if (bytes === null) return "null";
  const text = decodeText(bytes);
  return text === undefined ? `base64:${bytes.toBase64()}` : escapeControls(text);
}

/**
 * For programs, and exact: what is not UTF-8 stands as `key_base64`, `value_base64`, `[name,
 * {base64}]`.
 */
function formatJson({ topic, partition }: RecordPlace, record: StoredRecord): string {
  const { offset, timestamp, exactTimestamp, headers } = record;
  return escapeControlsInJson(JSON.stringify({
    topic,
    partition,
    offset: String(offset),
    timestamp: exactTimestamp === undefined ? timestamp : exactNumber(exactTimestamp),
    ...named("key", record.key),
    ...named("value", record.value),
    headers: headers.map(([name, value]) => [
      name,
      value && (decodeText(value) ?? { base64: value.toBase64() }),
    ]),
  }));
}

/** A JSON number of any length; the compiler does not know this function yet. */
const rawJson: (text: string) => unknown = Reflect.get(JSON, "rawJSON");
const exactNumber = (value: bigint): unknown => rawJson(`${value}`);

function named(name: string, bytes: Uint8Array | null): Readonly<Record<string, string | null>> {
  if (bytes === null) return { [name]: null };
  const text = decodeText(bytes);
  return text === undefined ? { [`${name}_base64`]: bytes.toBase64() } : { [name]: text };
}
