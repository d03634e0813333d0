/** The adapter for Prometheus: counters, gauges and histograms, and the page that it reads. */
import { getLogger } from "../../src/ports/logger.ts";
import type { Attributes, Telemetry } from "../../src/ports/telemetry.ts";
import { contentType, expositionText } from "./exposition_format.ts";
import { type GatheredMetric, gatherMetric, type MetricType } from "./gathered_metric.ts";

const logger = getLogger(["shelfcast", "telemetry"]);
const none: Attributes = {};

export interface PrometheusTelemetry extends Telemetry {
  /** All numbers, in Prometheus's text format. */
  text(): Promise<string>;
  /** Of `text()`. */
  readonly contentType: string;
}

/**
 * Numbers for Prometheus to fetch. `shelfcast.events.accepted` is there as
 * `shelfcast_events_accepted`, counters with `_total` behind it. What a name may have for
 * attributes is declared in `metrics`, or else fixed by its first use; what does not fit is
 * dropped, counted in `shelfcast_telemetry_dropped_total`, and reported once a name.
 */
export function openPrometheusTelemetry(): PrometheusTelemetry {
  const metrics = {
    counter: new Map<string, GatheredMetric>(),
    gauge: new Map<string, GatheredMetric>(),
    histogram: new Map<string, GatheredMetric>(),
  };
  const reported = new Set<string>();

  const dropped = obtain("counter", "shelfcast.telemetry.dropped", none);
  dropped.add(0, none);

  function obtain(type: MetricType, name: string, attributes: Attributes): GatheredMetric {
    const known = metrics[type].get(name);
    if (known !== undefined) return known;
    const metric = gatherMetric(type, name, attributes);
    metrics[type].set(name, metric);
    return metric;
  }

  function record(type: MetricType, name: string, value: number, attributes: Attributes): void {
    try {
      obtain(type, name, attributes).add(value, attributes);
    } catch (error) {
      dropped.add(1, none);
      if (reported.has(name)) return;
      reported.add(name);
      logger.error("A number did not fit the metric {name}: {error}", { name, error });
    }
  }

  return {
    count: (name, attributes = none, by = 1) => record("counter", name, by, attributes),
    gauge: (name, value, attributes = none) => record("gauge", name, value, attributes),
    histogram: (name, value, attributes = none) => record("histogram", name, value, attributes),
    text: () =>
      Promise.resolve(
        expositionText(Object.values(metrics).flatMap((known) => [...known.values()])),
      ),
    contentType,
  };
}
