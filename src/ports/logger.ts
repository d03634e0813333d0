/**
 * What the program tells its operators. Whoever has something to tell asks for a logger; where the
 * records go is chosen once, by the process (`src/process/logging.ts`): before, and where nobody
 * chooses, they go nowhere.
 */

/** How bad it is, from the least on. */
export type LogLevel = typeof logLevels[number];

/** All of them, from the least on. */
export const logLevels = ["trace", "debug", "info", "warning", "error", "fatal"] as const;

/** What belongs to a message, by name. */
export type LogProperties = Readonly<Record<string, unknown>>;

/** One thing that was told. */
export interface LogRecord {
  /** Whose it is, from the program down to a part. */
  readonly category: readonly string[];
  /** How bad it is. */
  readonly level: LogLevel;
  /** When, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** The message with its `{names}`: the same for all of its kind. */
  readonly rawMessage: string;
  /** Text and values in turn; text comes first and last. */
  readonly message: readonly unknown[];
  /** Those that the message shows, and more. */
  readonly properties: LogProperties;
}

/** Tells in the name of a part. Never throws, never waits. */
export interface Logger {
  /** For who looks for a fault. */
  debug(message: string, properties?: LogProperties): void;
  /** For who wonders what happens. */
  info(message: string, properties?: LogProperties): void;
  /** What works and should not stay so. */
  warn(message: string, properties?: LogProperties): void;
  /** What does not work. */
  error(message: string, properties?: LogProperties): void;
  /** Whether anybody would see it: what is dear to tell is not made for nothing. */
  isEnabledFor(level: LogLevel): boolean;
}

let sink: (record: LogRecord) => void = () => {};
let lowest: number = logLevels.length;

/** Sends what is told from now on, of that level and above, to a sink, which must not throw. */
export function sendLog(level: LogLevel, to: (record: LogRecord) => void): void {
  sink = to;
  lowest = logLevels.indexOf(level);
}

/** Sends what is told from now on nowhere. */
export function silenceLog(): void {
  sink = () => {};
  lowest = logLevels.length;
}

/** The logger of a part. Its `{names}` in messages stand for properties. */
export function getLogger(category: readonly string[]): Logger {
  const isEnabledFor = (level: LogLevel): boolean => logLevels.indexOf(level) >= lowest;
  const tell = (level: LogLevel) => (rawMessage: string, properties: LogProperties = {}): void => {
    if (!isEnabledFor(level)) return;
    const message = messageParts(rawMessage, properties);
    sink({ category, level, timestamp: Date.now(), rawMessage, message, properties });
  };
  return {
    debug: tell("debug"),
    info: tell("info"),
    warn: tell("warning"),
    error: tell("error"),
    isEnabledFor,
  };
}

function messageParts(template: string, properties: LogProperties): readonly unknown[] {
  // A pattern's group stands at every other place, as a message's values do.
  return template.split(/\{([^{}]+)\}/).map((part, at) =>
    at % 2 === 0 ? part : Object.hasOwn(properties, part) ? properties[part] : undefined
  );
}
