import type { Logger } from "@logtape/logtape";
import type { Clock } from "../../../../src/ports/clock.ts";

const quietMs = 60_000;

/** Warns at most once a minute for a reason, with the number of times that it has happened since. */
export interface Reporter {
  warn(reason: string, message: string, fields: Readonly<Record<string, unknown>>): void;
}

export function createReporter(logger: Logger, clock: Clock): Reporter {
  const seen = new Map<string, { at: number; suppressed: number }>();
  return {
    warn(reason, message, fields) {
      const now = clock.now();
      const last = seen.get(reason);
      if (last !== undefined && Math.abs(now - last.at) < quietMs) {
        last.suppressed++;
        return;
      }
      logger.warn(message, { ...fields, reason, suppressed: last?.suppressed ?? 0 });
      seen.set(reason, { at: now, suppressed: 0 });
    },
  };
}
