/** The process of `startDiscardBroker`: prints its address, and answers until it is killed. */
import { array, bytes, int16, int32, int64, int8, text } from "../adapters/kafka/protocol_bytes.ts";

const produceApi = 0;
const metadataApi = 3;
const apiVersionsApi = 18;
/** API, oldest and newest version that it speaks; the answers are those of the newest. */
const spoken = [[produceApi, 3, 7], [metadataApi, 6, 6], [apiVersionsApi, 0, 2]] as const;
const unsupportedVersion = 35;
const maxRequestBytes = 4 * 2 ** 20;
const decoder = new TextDecoder();

const partitions = Number(Deno.args[0]);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;
/** Topic and partition → the offset of its next record. */
const ends = new Map<string, bigint>();
console.log(`127.0.0.1:${port}`);
for await (const connection of listener) void serve(connection).catch(() => {});

async function serve(connection: Deno.Conn): Promise<void> {
  const held = new Uint8Array(maxRequestBytes);
  const view = new DataView(held.buffer);
  let filled = 0;
  for (;;) {
    const read = await connection.read(held.subarray(filled));
    if (read === null) return;
    filled += read;
    let at = 0;
    while (filled - at >= 4 && filled - at >= 4 + view.getInt32(at)) {
      const end = at + 4 + view.getInt32(at);
      const body = answer(new DataView(held.buffer, at + 4, end - at - 4));
      const correlation = view.getInt32(at + 8);
      await connection.write(bytes(int32(4 + body.length), int32(correlation), body));
      at = end;
    }
    if (at > 0) held.copyWithin(0, at, filled);
    filled -= at;
  }
}

function answer(request: DataView): Uint8Array {
  const api = request.getInt16(0);
  const version = request.getInt16(2);
  const reader = { request, at: 8 };
  readText(reader); // client id
  if (api === produceApi) return produced(reader);
  if (api === metadataApi) return metadata(reader);
  if (api !== apiVersionsApi) throw new Error(`API ${api} is not spoken here`);
  const entries = spoken.map((numbers) => bytes(...numbers.map(int16)));
  if (version > 2) return bytes(int16(unsupportedVersion), array(entries));
  return bytes(int16(0), array(entries), ...(version === 0 ? [] : [int32(0)]));
}

function produced(reader: Reader): Uint8Array {
  readText(reader); // transaction
  reader.at += 6; // acks and time-out
  const topics = readArray(reader, () => {
    const topic = readText(reader);
    const results = readArray(reader, () => {
      const partition = readInt32(reader);
      const size = readInt32(reader);
      const batch = reader.at;
      reader.at += size;
      const name = `${topic} ${partition}`;
      const offset = ends.get(name) ?? 0n;
      ends.set(name, offset + BigInt(reader.request.getInt32(batch + 57)));
      return bytes(int32(partition), int16(0), int64(offset), int64(-1n), int64(0n));
    });
    return bytes(text(topic), array(results));
  });
  return bytes(array(topics), int32(0));
}

function metadata(reader: Reader): Uint8Array {
  const topics = readArray(reader, () => readText(reader));
  const nodes = array([int32(1)]);
  const led = array(
    Array.from(
      { length: partitions },
      (_, partition) => bytes(int16(0), int32(partition), int32(1), nodes, nodes, array([])),
    ),
  );
  const broker = bytes(int32(1), text("127.0.0.1"), int32(port), int16(-1));
  const found = topics.map((topic) => bytes(int16(0), text(topic), int8(0), led));
  return bytes(int32(0), array([broker]), int16(-1), int32(1), array(found));
}

interface Reader {
  readonly request: DataView;
  at: number;
}

function readInt32(reader: Reader): number {
  reader.at += 4;
  return reader.request.getInt32(reader.at - 4);
}

function readText(reader: Reader): string {
  const { request, at } = reader;
  const length = Math.max(0, request.getInt16(at));
  reader.at += 2 + length;
  return decoder.decode(new Uint8Array(request.buffer, request.byteOffset + at + 2, length));
}

function readArray<T>(reader: Reader, read: () => T): T[] {
  return Array.from({ length: Math.max(0, readInt32(reader)) }, read);
}
