/** The adapter for Prometheus: counters, gauges and histograms, and the page that it reads. */
import { getLogger } from "@logtape/logtape";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Attributes, Telemetry } from "../../src/ports/telemetry.ts";

const logger = getLogger(["shelfcast", "telemetry"]);

/** Upper bounds of a histogram's buckets, by the unit in the last word of its name. */
const buckets = {
  ms: [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000],
  bytes: [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216],
  count: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000],
} as const;

export interface PrometheusTelemetry extends Telemetry {
  /** All numbers, in Prometheus's text format. */
  text(): Promise<string>;
  /** Of `text()`. */
  readonly contentType: string;
}

/**
 * Numbers for Prometheus to fetch. `shelfcast.events.accepted` is there as
 * `shelfcast_events_accepted`, counters with `_total` behind it. The first use of a name fixes the
 * names of its attributes; what does not fit is dropped, counted in
 * `shelfcast_telemetry_dropped_total`, and reported once a name.
 */
export function openPrometheusTelemetry(): PrometheusTelemetry {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  const reported = new Set<string>();
  const dropped = new Counter({
    name: "shelfcast_telemetry_dropped_total",
    help: "Numbers that did not fit their metric",
    registers: [registry],
  });

  const settings = (name: string, attributes: Attributes, suffix = "") => ({
    name: name.replaceAll(".", "_") + suffix,
    help: name,
    labelNames: Object.keys(attributes),
    registers: [registry],
  });

  const record = (name: string, write: () => void): void => {
    try {
      write();
    } catch (error) {
      dropped.inc();
      if (reported.has(name)) return;
      reported.add(name);
      logger.error("A number did not fit the metric {name}: {error}", { name, error });
    }
  };

  return {
    count(name, attributes = {}, by = 1) {
      record(name, () => {
        obtain(counters, name, () => new Counter(settings(name, attributes, "_total")))
          .inc(attributes, by);
      });
    },
    gauge(name, value, attributes = {}) {
      record(name, () => {
        obtain(gauges, name, () => new Gauge(settings(name, attributes))).set(attributes, value);
      });
    },
    histogram(name, value, attributes = {}) {
      record(name, () => {
        obtain(
          histograms,
          name,
          () =>
            new Histogram({ ...settings(name, attributes), buckets: [...buckets[unitOf(name)]] }),
        ).observe(attributes, value);
      });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function obtain<Metric>(metrics: Map<string, Metric>, name: string, create: () => Metric): Metric {
  const known = metrics.get(name);
  if (known !== undefined) return known;
  const metric = create();
  metrics.set(name, metric);
  return metric;
}

function unitOf(name: string): keyof typeof buckets {
  if (name.endsWith("_ms")) return "ms";
  return name.endsWith("_bytes") ? "bytes" : "count";
}
