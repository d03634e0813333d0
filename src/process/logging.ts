import type { Clock } from "../ports/clock.ts";
import { errorReason } from "../ports/error_reason.ts";
import { type LogLevel, type LogRecord, sendLog } from "../ports/logger.ts";
import { escapeControls, escapeControlsInJson } from "./escape_controls.ts";
import { jsonLine, textLine } from "./log_format.ts";
import { createLogOutput, type LogOutput } from "./log_output.ts";

/**
 * Sends the program's log to stderr, so that stdout is for what was asked for. Nothing waits for
 * it: lines that nobody reads are left out in the end, which the log then says.
 *
 * @param reader Who reads it: a person gets text, a machine one JSON object a line.
 */
export function configureLogging(
  level: LogLevel,
  reader: "person" | "machine",
  clock: Clock,
): LogOutput {
  const format = printable(reader);
  const note = (leftOut: number): string => format(leftOutRecord(leftOut, clock.now()));
  const output = createLogOutput({ stream: Deno.stderr, clock, note });
  sendLog(level, (record) => {
    try {
      output.write(format(record));
    } catch {
      // A value that cannot be shown: whoever tells something must not fail by it.
      output.write(format({ ...record, message: [record.rawMessage], properties: {} }));
    }
  });
  return output;
}

/** A record as a line; what a library or another program said in it stays within that line. */
export function printable(reader: "person" | "machine"): (record: LogRecord) => string {
  const format = reader === "person" ? textLine : jsonLine;
  const escape = reader === "person" ? escapeControls : escapeControlsInJson;
  const shown = (record: LogRecord): LogRecord =>
    reader === "person" && isForDebugging(record) ? record : withReasons(record);
  return (record) => `${escape(format(shown(record)))}\n`;
}

const isForDebugging = ({ level }: LogRecord): boolean => level === "debug" || level === "trace";

/**
 * An error in a message is its reason: as it is, a formatter makes of it a stack, or "{}". A
 * machine finds the stack among the properties all the same, a person at debug level.
 */
const withReasons = (record: LogRecord): LogRecord => ({
  ...record,
  message: record.message.map((part) => part instanceof Error ? errorReason(part) : part),
});

function leftOutRecord(leftOut: number, timestamp: number): LogRecord {
  const after = " log lines were left out here, because nobody read the log";
  return {
    category: ["shelfcast", "process"],
    level: "warning",
    timestamp,
    rawMessage: `{leftOut}${after}`,
    message: ["", leftOut, after],
    properties: { leftOut },
  };
}
