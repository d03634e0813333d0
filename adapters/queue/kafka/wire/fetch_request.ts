/**
 * The body of a fetch that names its topic by id, in version 13: of a topic that was deleted and
 * made again the broker then says so, where by name it would go on in the new one.
 */
import { bytesOfTopicId, topicIdBytes } from "./topic_id.ts";

export const fetchByIdVersion = 13;

export interface FetchById {
  readonly topicId: string;
  readonly positions: ReadonlyMap<number, bigint>;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
}

const noReplica = -1;
const readCommitted = 1;
const noSession = -1;
const unknownEpoch = -1;
const unknownOffset = -1n;
const partitionBytes = 33;

export function encodeFetchById(request: FetchById): Uint8Array {
  const { topicId, positions } = request;
  const bytes = new Uint8Array(64 + topicIdBytes + positions.size * partitionBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const int8 = (value: number): void => view.setInt8(at++, value);
  const int32 = (value: number): void => {
    view.setInt32(at, value);
    at += 4;
  };
  const int64 = (value: bigint): void => {
    view.setBigInt64(at, value);
    at += 8;
  };
  /** Lengths are written one larger: 0 is none. */
  const length = (count: number): void => {
    let rest = count + 1;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) view.setUint8(at++, (rest & 0x7f) | 0x80);
    view.setUint8(at++, rest);
  };
  const noTags = (): void => int8(0);

  int32(noReplica);
  int32(request.maxWaitMs);
  int32(1); // bytes that are waited for
  int32(request.maxBytes);
  int8(readCommitted);
  int32(0); // session
  int32(noSession);
  length(1);
  bytes.set(bytesOfTopicId(topicId), at);
  at += topicIdBytes;
  length(positions.size);
  for (const [partition, position] of positions) {
    int32(partition);
    int32(unknownEpoch);
    int64(position);
    int32(unknownEpoch); // of the last record that was fetched
    int64(unknownOffset); // where a follower's log begins
    int32(request.maxPartitionBytes);
    noTags();
  }
  noTags();
  length(0); // topics that a session forgets
  length(0); // rack: text
  noTags();
  return bytes.subarray(0, at);
}
