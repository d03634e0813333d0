/**
 * Prometheus's text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
 */
import type { Attributes } from "../../src/ports/telemetry.ts";
import type { GatheredMetric, Series } from "./gathered_metric.ts";

export const contentType = "text/plain; version=0.0.4; charset=utf-8";

/** All numbers as a scraper reads them. */
export function expositionText(metrics: readonly GatheredMetric[]): string {
  return metrics.map(metricText).join("\n");
}

function metricText(metric: GatheredMetric): string {
  const { name, meaning, type } = metric;
  const lines = [...metric.series].flatMap((series) =>
    type === "histogram"
      ? histogramLines(metric, series)
      : [line(name, series.attributes, series.value)]
  );
  return [`# HELP ${name} ${escaped(meaning)}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function histogramLines({ name, bounds }: GatheredMetric, series: Series): readonly string[] {
  const { attributes, value, counts } = series;
  let count = 0;
  const lines = counts.map((inBucket, n) => {
    count += inBucket;
    return line(`${name}_bucket`, { le: number(bounds[n] ?? Infinity), ...attributes }, count);
  });
  return [
    ...lines,
    line(`${name}_sum`, attributes, value),
    line(`${name}_count`, attributes, count),
  ];
}

function line(name: string, attributes: Attributes, value: number): string {
  const labels = Object.entries(attributes).map(([label, text]) => `${label}="${quoted(text)}"`);
  return `${name}${labels.length === 0 ? "" : `{${labels.join(",")}}`} ${number(value)}`;
}

function number(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

const quoted = (text: string): string => escaped(text).replaceAll('"', '\\"');
