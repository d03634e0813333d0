/** A read model for tests of consumers. */
import type {
  ApplyOutcome,
  ConsumedBatch,
  ConsumedPosition,
  ReadModel,
  SearchedEvent,
} from "../../src/ports/read_model.ts";

/** A read model in memory that keeps the port's law, and does the rest when the test says so. */
export interface RecordingModel extends ReadModel {
  /** Queries of the events that had their effects, in order. */
  readonly queries: readonly string[];
  readonly events: readonly SearchedEvent[];
  readonly batches: readonly ConsumedBatch[];
  readonly horizon: number;
  /** Called before each batch is applied; what it throws or never resolves is the store's fault. */
  before: (batch: ConsumedBatch) => Promise<void> | void;
  /** What is there now, as a copy of the database. */
  copy(): () => void;
}

interface State {
  events: SearchedEvent[];
  keys: Set<string>;
  positions: Map<string, ConsumedPosition>;
  horizon: number;
}

const empty = (): State => ({
  events: [],
  keys: new Set(),
  positions: new Map(),
  horizon: -Infinity,
});

export function createRecordingModel(): RecordingModel {
  const batches: ConsumedBatch[] = [];
  let state = empty();

  const model: RecordingModel = {
    before: () => {},
    batches,
    get queries() {
      return state.events.map(({ query }) => query);
    },
    get events() {
      return state.events;
    },
    get horizon() {
      return state.horizon;
    },
    copy() {
      const { events, keys, positions, horizon } = state;
      const saved = {
        events: [...events],
        keys: new Set(keys),
        positions: new Map(positions),
        horizon,
      };
      return () => void (state = saved);
    },
    async apply(batch): Promise<ApplyOutcome> {
      await model.before(batch);
      batches.push(batch);
      const { topic, partition, from, next, lastTimestamp, isOtherTopic = false } = batch;
      const place = `${topic} ${partition}`;
      const position = state.positions.get(place)?.position ?? 0n;
      if (!isOtherTopic && position < from) return { status: "gap", position };
      const counts = { applied: 0, repeated: 0, tooOld: 0 };
      for (const event of batch.events) {
        const key = event.key.toHex();
        if (event.searchedAt / 3_600_000 < state.horizon) counts.tooOld++;
        else if (state.keys.has(key)) counts.repeated++;
        else {
          counts.applied++;
          state.keys.add(key);
          state.events.push(event);
        }
      }
      if (isOtherTopic || next >= position) {
        state.positions.set(place, {
          topic,
          partition,
          position: next,
          ...(lastTimestamp !== undefined && { lastTimestamp }),
        });
      }
      state.horizon = Math.max(state.horizon, batch.horizonHour ?? -Infinity);
      return { status: "applied", ...counts };
    },
    positions: () => Promise.resolve([...state.positions.values()]),
    prune: () => Promise.resolve(0),
    clear() {
      state = empty();
      return Promise.resolve();
    },
  };
  return model;
}
