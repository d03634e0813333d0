/**
 * A topic that is deleted and made again has the same name, and offsets that mean other records.
 * Its id tells: positions are stored with it, so that nobody goes on in another topic than where
 * they were reached.
 */
import type { StoredPosition } from "../driver/driver.ts";

const prefix = "topic-id:";

/** What is stored with a position. */
export const noteOf = (topicId: string | undefined): string =>
  topicId === undefined ? "" : `${prefix}${topicId}`;

/**
 * Whether a position is certainly one of another topic. Those that other programs have stored say
 * nothing about it.
 */
export const isOfAnother = ({ note }: StoredPosition, topicId: string | undefined): boolean =>
  topicId !== undefined && note.startsWith(prefix) && note !== noteOf(topicId);
