import type { EventLog } from "../../src/ports/event_log.ts";
import type { RecordBatch } from "../../src/ports/event_source.ts";

/** The log, with each batch that is read of it as `change` makes it. */
export function changedBatches(
  log: EventLog,
  change: (batch: RecordBatch) => RecordBatch,
): EventLog {
  return {
    ...log,
    subscribe(topic, options) {
      const { ready, [Symbol.asyncIterator]: iterate } = log.subscribe(topic, options);
      const reading = iterate();
      const iterator: AsyncIterator<RecordBatch> = {
        async next() {
          const result = await reading.next();
          return result.done ? result : { value: change(result.value) };
        },
        // Not a generator: its return() would wait for the next batch.
        return: () => reading.return!(),
      };
      return { ready, [Symbol.asyncIterator]: () => iterator };
    },
  };
}
