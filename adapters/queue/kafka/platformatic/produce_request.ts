import { type API, createAPI, produceV7, Writer } from "@platformatic/kafka";
import { Buffer } from "node:buffer";

type Request = [topic: string, partition: number, batch: Uint8Array, timeoutMs: number];

const produceKey = 0;
const version = 7;
const allReplicas = -1;

/** The library's own request takes records; this one takes a record batch that is encoded already. */
export const produce: API<Request, produceV7.ProduceResponse> = createAPI(
  produceKey,
  version,
  (...[topic, partition, batch, timeoutMs]: Request) =>
    Writer.create()
      .appendString(null, false) // Not in a transaction.
      .appendInt16(allReplicas)
      .appendInt32(timeoutMs)
      .appendArray(
        [topic],
        (writer, name) => {
          writer.appendString(name, false).appendArray(
            [partition],
            (each, number) => {
              // Bytes of any other kind it would not take.
              const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
              each.appendInt32(number).appendInt32(bytes.length).append(bytes);
            },
            false,
            false,
          );
        },
        false,
        false,
      ),
  produceV7.parseResponse,
  false,
  false,
);
