import { type LogRecord, sendLog, silenceLog } from "../../src/ports/logger.ts";

/** Everything that is logged until disposal. */
export function collectLogs(): Disposable & { readonly lines: LogRecord[] } {
  const lines: LogRecord[] = [];
  sendLog("trace", (record) => void lines.push(record));
  return { lines, [Symbol.dispose]: silenceLog };
}
