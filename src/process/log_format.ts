/** Records as lines: for a person at a terminal, and for a machine that reads JSON. */
import type { LogLevel, LogRecord } from "../ports/logger.ts";

const abbreviations: Readonly<Record<LogLevel, string>> = {
  trace: "TRC",
  debug: "DBG",
  info: "INF",
  warning: "WRN",
  error: "ERR",
  fatal: "FTL",
};

const whole = { strAbbreviateSize: Infinity, iterableLimit: Infinity } as const;

/** `2026-11-27 06:36:47.882 +00:00 [INF] shelfcast·process: Searches become events …` */
export function textLine({ timestamp, level, category, message }: LogRecord): string {
  const time = new Date(timestamp).toISOString().replace("T", " ").replace("Z", " +00:00");
  const told = rendered(message, (value) => Deno.inspect(value, whole));
  return `${time} [${abbreviations[level]}] ${category.join("·")}: ${told}`;
}

/**
 * `{"@timestamp":"…","level":"INFO","message":"…","logger":"shelfcast.process","properties":{…}}`
 */
export function jsonLine({ timestamp, level, category, message, properties }: LogRecord): string {
  const head = JSON.stringify({
    "@timestamp": new Date(timestamp).toISOString(),
    level: level === "warning" ? "WARN" : level.toUpperCase(),
    message: rendered(message, (value) => String(jsonOf(value))),
    logger: category.join("."),
  });
  return `${head.slice(0, -1)},"properties":${jsonOf(properties)}}`;
}

const rendered = (message: readonly unknown[], show: (value: unknown) => string): string =>
  message.map((part, at) => at % 2 === 0 ? String(part) : show(part)).join("");

/** Whatever it is: what JSON has no words for (a circle) is shown as text. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, plain);
  } catch {
    return JSON.stringify(Deno.inspect(value, whole));
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  const told = {
    name,
    message,
    stack,
    ...(cause !== undefined && { cause }),
    ...(value instanceof AggregateError && { errors: value.errors }),
  };
  // What its class has given it besides, such as a code.
  return Object.assign(told, value);
}
