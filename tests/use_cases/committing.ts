import type { EventLog } from "../../src/ports/event_log.ts";
import type { RecordBatch } from "../../src/ports/event_source.ts";

/** The log with another way to commit its batches. */
export function committing(
  log: EventLog,
  commit: (batch: RecordBatch, ...through: Parameters<RecordBatch["commit"]>) => Promise<void>,
): EventLog {
  return {
    ...log,
    subscribe(topic, options) {
      const { ready, [Symbol.asyncIterator]: iterate } = log.subscribe(topic, options);
      const reading = iterate();
      const iterator: AsyncIterator<RecordBatch> = {
        async next() {
          const result = await reading.next();
          if (result.done) return result;
          const batch = result.value;
          return { value: { ...batch, commit: (...through) => commit(batch, ...through) } };
        },
        // Not a generator: its return() would wait for the next batch.
        return: () => reading.return!(),
      };
      return { ready, [Symbol.asyncIterator]: () => iterator };
    },
  };
}
