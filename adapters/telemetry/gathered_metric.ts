/**
 * A metric's numbers as they are gathered: each request has some, so that a number costs a look-up
 * and an addition.
 */
import { metrics } from "../../src/ports/metrics.ts";
import type { Attributes } from "../../src/ports/telemetry.ts";

export type MetricType = "counter" | "gauge" | "histogram";

/** The numbers of one set of attributes. */
export interface Series {
  readonly attributes: Attributes;
  /** Of a histogram, the sum of its values. */
  value: number;
  /**
   * Of a histogram: how many values each bucket has that no smaller one has; the last has no bound.
   */
  readonly counts: number[];
}

export interface GatheredMetric {
  readonly type: MetricType;
  /** What it says; of a name that nobody has declared, the name as it is measured. */
  readonly meaning: string;
  /** As it is exposed. */
  readonly name: string;
  /** Upper bounds of a histogram's buckets. */
  readonly bounds: readonly number[];
  readonly series: Iterable<Series>;
  /** @throws {TypeError} where number or attributes do not fit. */
  add(value: number, attributes: Attributes): void;
}

/** Upper bounds of a histogram's buckets, by the unit in the last word of its name. */
const buckets = {
  ms: [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000],
  bytes: [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216],
  count: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000],
} as const;

const names = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * @param attributes Of a name that nobody has declared, theirs are the only names that later
 * numbers may have.
 */
export function gatherMetric(
  type: MetricType,
  source: string,
  attributes: Attributes,
): GatheredMetric {
  const name = source.replaceAll(".", "_") + (type === "counter" ? "_total" : "");
  const declared = metrics[source];
  if (declared !== undefined && declared.type !== type) {
    throw new TypeError(`Metric "${source}" is a "${type}", wanted a "${declared.type}"`);
  }
  const labels = declared?.attributes ?? Object.keys(attributes);
  for (const each of [name, ...labels]) {
    if (!names.test(each)) {
      throw new TypeError(`Name is ${JSON.stringify(each)}, wanted letters, digits and "_"`);
    }
  }
  const bounds = type === "histogram" ? buckets[unitOf(source)] : [];
  const series = new Map<string, Series>();

  function seriesOf(given: Attributes): Series {
    let key = "";
    let [known, count] = [0, 0];
    for (const label of labels) {
      const value = given[label];
      if (value !== undefined) known += 1;
      key += `${value}\0`;
    }
    for (const _ in given) count += 1;
    if (count > known) {
      throw new TypeError(`Attributes are "${Object.keys(given)}", wanted "${labels}"`);
    }
    let found = series.get(key);
    if (found === undefined) {
      found = { attributes: given, value: 0, counts: Array(bounds.length + 1).fill(0) };
      series.set(key, found);
    }
    return found;
  }

  return {
    type,
    meaning: declared?.meaning ?? source,
    name,
    bounds,
    series: { [Symbol.iterator]: () => series.values() },
    add(value, given) {
      if (!fits[type](value)) {
        throw new TypeError(`Value is "${value}", wanted one for a "${type}"`);
      }
      const found = seriesOf(given);
      found.value = type === "gauge" ? value : found.value + value;
      if (type !== "histogram") return;
      const bucket = bounds.findIndex((bound) => value <= bound);
      const at = bucket < 0 ? bounds.length : bucket;
      found.counts[at] = (found.counts[at] ?? 0) + 1;
    },
  };
}

const fits: Readonly<Record<MetricType, (value: number) => boolean>> = {
  counter: (value) => Number.isFinite(value) && value >= 0,
  gauge: (value) => typeof value === "number",
  histogram: Number.isFinite,
};

function unitOf(name: string): keyof typeof buckets {
  if (name.endsWith("_ms")) return "ms";
  return name.endsWith("_bytes") ? "bytes" : "count";
}
