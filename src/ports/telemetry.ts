/**
 * Where numbers go. Recording never throws and never waits.
 *
 * Names are `shelfcast.<part>.<what>` in OpenTelemetry's manner, units in the name's last word
 * (`_ms`, `_bytes`) where there is one. Attributes are for few, closed values (a reason, a route, a
 * topic): never a query, a visitor, an address or a secret.
 */
export interface Telemetry {
  /** Adds to a counter; `by` is 1 by default and never negative. */
  count(name: string, attributes?: Attributes, by?: number): void;
  /** Sets a gauge. */
  gauge(name: string, value: number, attributes?: Attributes): void;
  /** Adds a value to a histogram. */
  histogram(name: string, value: number, attributes?: Attributes): void;
}

/** Names and values of a measurement's dimensions. */
export type Attributes = Readonly<Record<string, string>>;

/** For callers that do not measure. */
export const silentTelemetry: Telemetry = { count() {}, gauge() {}, histogram() {} };
