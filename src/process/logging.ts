import {
  configure,
  getJsonLinesFormatter,
  getTextFormatter,
  type LogLevel,
} from "@logtape/logtape";

/**
 * Sends the program's log to stderr, so that stdout is for what was asked for.
 *
 * @param reader Who reads it: a person gets text, a machine one JSON object a line.
 */
export async function configureLogging(
  level: LogLevel,
  reader: "person" | "machine",
): Promise<void> {
  const format = reader === "person" ? getTextFormatter() : getJsonLinesFormatter();
  const encoder = new TextEncoder();
  await configure({
    reset: true,
    sinks: { stderr: (record) => void Deno.stderr.writeSync(encoder.encode(format(record))) },
    loggers: [
      { category: "shelfcast", sinks: ["stderr"], lowestLevel: level },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "warning" },
    ],
  });
}
