import type { Attributes, Telemetry } from "../../src/ports/telemetry.ts";

/** Keeps counters and gauges, by `name` or `name{attribute=value}`. */
export interface RecordingTelemetry extends Telemetry {
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  /** Of each histogram, in order. */
  readonly values: Readonly<Record<string, readonly number[]>>;
}

export function createRecordingTelemetry(): RecordingTelemetry {
  const counters: Record<string, number> = {};
  const gauges: Record<string, number> = {};
  const values: Record<string, number[]> = {};
  return {
    counters,
    gauges,
    values,
    count(name, attributes, by = 1) {
      const label = labelOf(name, attributes);
      counters[label] = (counters[label] ?? 0) + by;
    },
    gauge(name, value, attributes) {
      gauges[labelOf(name, attributes)] = value;
    },
    histogram(name, value, attributes) {
      (values[labelOf(name, attributes)] ??= []).push(value);
    },
  };
}

function labelOf(name: string, attributes: Attributes = {}): string {
  const pairs = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}
