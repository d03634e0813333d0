import { Buffer } from "node:buffer";
import type { RecordHeader } from "../../../../src/ports/event_record.ts";
import type { FetchedRecord } from "../driver.ts";
import type { KafkajsMessage } from "./internals.ts";

export function fromMessage(message: KafkajsMessage): FetchedRecord {
  return {
    key: message.key === null ? null : plain(message.key),
    value: message.value === null ? null : plain(message.value),
    headers: headersOf(message.headers),
    timestamp: Number(message.timestamp),
    offset: BigInt(message.offset),
  };
}

function headersOf(headers: Readonly<Record<string, unknown>>): readonly RecordHeader[] {
  const list: RecordHeader[] = [];
  for (const [name, values] of Object.entries(headers)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      // kafkajs looks names up in a plain object, so that "constructor" brings a function along; null is a foreign empty value.
      if (Buffer.isBuffer(value)) list.push([name, plain(value)]);
      else if (value === null) list.push([name, new Uint8Array(0)]);
    }
  }
  return list;
}

/** A Buffer's bytes as what the port names: its slice(), toString() and JSON are not those of a Uint8Array. */
function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
