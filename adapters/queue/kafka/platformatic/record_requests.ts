/**
 * The library's requests that carry records, with record batches left as they are: those are
 * written and read above.
 */
import { type API, createAPI, fetchV11, produceV7, type Reader, Writer } from "@platformatic/kafka";
import { Buffer } from "node:buffer";
import { fetchVersion } from "../wire/fetch_answer.ts";
import { encodeFetchById, type FetchById, fetchByIdVersion } from "../wire/fetch_request.ts";

type Produce = [topic: string, partition: number, batch: Uint8Array, timeoutMs: number];

const produceKey = 0;
const produceVersion = 7;
const fetchKey = 1;
const allReplicas = -1;

export const produce: API<Produce, produceV7.ProduceResponse> = createAPI(
  produceKey,
  produceVersion,
  (...[topic, partition, batch, timeoutMs]: Produce) =>
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

/** Gives the answer's bytes. */
export const fetch: API<fetchV11.FetchRequest, Uint8Array> = createAPI(
  fetchKey,
  fetchVersion,
  fetchV11.createRequest,
  (_correlation, _key, _version, reader: Reader) => reader.buffer.slice(reader.position),
  false,
  false,
);

/** The same of a topic that is named by its id. */
export const fetchById: API<[FetchById], Uint8Array> = createAPI(
  fetchKey,
  fetchByIdVersion,
  (request: FetchById) => {
    const body = encodeFetchById(request);
    return Writer.create().append(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  },
  (_correlation, _key, _version, reader: Reader) => reader.buffer.slice(reader.position),
  true,
  true,
);
