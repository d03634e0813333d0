import { ConfigError } from "../config/config_error.ts";
import { escapeControls } from "../process/escape_controls.ts";
import { StoreError } from "../ports/store_error.ts";
import { QueueError, type QueueErrorCode } from "../ports/queue_error.ts";

/** A command cannot do what it was asked for; the message says why. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** 2 where the command line is wrong. */
  readonly exitCode: 1 | 2;

  constructor(message: string, options: { readonly cause?: unknown; readonly exitCode?: 2 } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? 1;
  }
}

/** What a user can do about it, beyond what the queue's own message says. */
const advice: Partial<Record<QueueErrorCode, string>> = {
  unknown_topic: "Publish to it first, or name another with --topic",
  unknown_group: "See which there are: deno task groups",
};

/**
 * An error in the words for stderr. Only those of our own that have lines keep them: what a server
 * or a library said could look like one of ours.
 */
export function explainError(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof QueueError) {
    const hint = advice[error.code];
    const message = escapeControls(error.message);
    return hint === undefined ? message : `${message}\n${hint}`;
  }
  if (error instanceof CommandError || error instanceof StoreError) {
    return escapeControls(error.message);
  }
  return escapeControls(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
