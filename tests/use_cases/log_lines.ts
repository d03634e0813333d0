import { configure, type LogRecord, reset } from "@logtape/logtape";

/** Everything that is logged until disposal. */
export async function collectLogs(): Promise<AsyncDisposable & { readonly lines: LogRecord[] }> {
  const lines: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { lines: (record) => void lines.push(record) },
    loggers: [
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
      { category: "shelfcast", sinks: ["lines"], lowestLevel: "trace" },
    ],
  });
  return { lines, [Symbol.asyncDispose]: reset };
}
