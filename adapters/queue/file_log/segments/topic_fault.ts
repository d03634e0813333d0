/** What is wrong with a topic, in the words of the port. */
import { QueueError } from "../../../../src/ports/queue_error.ts";

export function unknownTopic(topic: string): QueueError {
  return new QueueError("unknown_topic", `Topic "${topic}" does not exist`);
}

export function removed(topic: string): QueueError {
  return new QueueError("unavailable", `Folder of topic "${topic}" was removed while it was open`);
}

export function futureVersion(path: string): QueueError {
  return new QueueError(
    "unsupported",
    `File "${path}" is of a later format version, wanted version 1: use a newer program`,
  );
}

export function corrupt({ topic }: { readonly topic: string }, what: string): QueueError {
  return new QueueError("corrupt", `Topic "${topic}" is damaged: ${what}`);
}
