import {
  configure,
  getJsonLinesFormatter,
  getTextFormatter,
  type LogLevel,
} from "@logtape/logtape";

/**
 * Sends the program's log to stderr, so that stdout is for what was asked for: text where a person looks, one JSON object a
 * line elsewhere.
 */
export async function configureLogging(level: LogLevel): Promise<void> {
  const format = Deno.stderr.isTerminal() ? getTextFormatter() : getJsonLinesFormatter();
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
