import type { EventLog } from "../../src/ports/event_log.ts";
import type { RecordBatch } from "../../src/ports/event_source.ts";

/** The log with something at its end that is no record, as brokers have marks of transactions. */
export function endingBehind(log: EventLog, offsets: bigint): EventLog {
  return {
    ...log,
    subscribe(topic, options) {
      const { ready, [Symbol.asyncIterator]: iterate } = log.subscribe(topic, options);
      const reading = iterate();
      const iterator: AsyncIterator<RecordBatch> = {
        async next() {
          const result = await reading.next();
          if (result.done) return result;
          return { value: { ...result.value, end: result.value.end + offsets } };
        },
        // Not a generator: its return() would wait for the next batch.
        return: () => reading.return!(),
      };
      return { ready, [Symbol.asyncIterator]: () => iterator };
    },
  };
}
