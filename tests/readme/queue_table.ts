import { queueAdapters } from "../../adapters/queue/registry.ts";
import type { LogGuarantees } from "../../src/ports/log_guarantees.ts";

const yes = (is: boolean): string => is ? "yes" : "no";

/** A guarantee without a row does not compile; every row but the last is driven by laws (`tests/contracts`). */
const rows: {
  readonly [Name in keyof LogGuarantees]: readonly [
    heading: string,
    cell: (declared: LogGuarantees[Name]) => string,
  ];
} = {
  durable: ["an accepted record is held by", (durable) => durable],
  survivesRestart: ["and is there after a restart", yes],
  processes: ["processes that can use it at once", (processes) => processes],
  partitions: ["partitions of a topic", (partitions) => partitions],
  order: ["order is kept for each", (order) => order],
  groupMembers: [
    "members of a consumer group",
    (members) => members === "share" ? "share the partitions" : "one reads, others stand by",
  ],
  replay: ["can be read again when consumed", yes],
  maxRecordBytes: ["largest record", (bytes) => `${bytes.toLocaleString("en")} bytes`],
  needs: ["needs", (needs) => needs],
};

/** The README's table of queues, made of what the adapters declare. */
export async function queueTable(): Promise<string> {
  const queues = await Promise.all(
    Object.entries(queueAdapters).map(async ([name, load]) => ({ name, ...await load() })),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const row = <Name extends keyof LogGuarantees>(name: Name): string => {
    const [heading, cell] = rows[name];
    return line([heading, ...queues.map(({ guarantees }) => cell(guarantees[name]))]);
  };
  const names = Object.keys(rows) as (keyof LogGuarantees)[];
  return [
    line(["`mq.adapter`", ...queues.map(({ name }) => `\`${name}\``)]),
    line(["---", ...queues.map(() => "---")]),
    ...names.map(row),
  ].join("\n");
}
