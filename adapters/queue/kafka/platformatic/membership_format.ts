/**
 * What members of a group tell each other through the broker, in version 0 of Kafka's consumer
 * protocol.
 */
import { Reader, Writer } from "@platformatic/kafka";
import { Buffer } from "node:buffer";
import type { Assignment } from "../driver/driver.ts";

const version = 0;
const noUserData = Buffer.alloc(0);

/** The topics that a member wants. */
export function encodeTopics(topics: readonly string[]): Buffer {
  return Writer.create()
    .appendInt16(version)
    .appendArray(
      [...topics],
      (writer, topic) => void writer.appendString(topic, false),
      false,
      false,
    )
    .appendBytes(noUserData, false)
    .buffer;
}

export function decodeTopics(bytes: Buffer): readonly string[] {
  if (bytes.length === 0) return [];
  const reader = Reader.from(bytes);
  reader.readInt16();
  return reader.readArray((each) => each.readString(false), false, false);
}

export function encodeAssignment(assignment: Assignment): Buffer {
  return Writer.create()
    .appendInt16(version)
    .appendArray(
      [...assignment],
      (writer, [topic, partitions]) => {
        writer.appendString(topic, false)
          .appendArray(
            [...partitions],
            (each, partition) => void each.appendInt32(partition),
            false,
            false,
          );
      },
      false,
      false,
    )
    .appendBytes(noUserData, false)
    .buffer;
}

/** Nothing where the leader has left this member out. */
export function decodeAssignment(bytes: Buffer): Assignment {
  if (bytes.length === 0) return new Map();
  const reader = Reader.from(bytes);
  reader.readInt16();
  return new Map(
    reader.readArray(
      (each) =>
        [
          each.readString(false),
          each.readArray((partition) => partition.readInt32(), false, false),
        ] as const,
      false,
      false,
    ),
  );
}
