import { queueAdapters } from "../../adapters/queue/registry.ts";
import type { LogGuarantees } from "../../src/ports/log_guarantees.ts";

const columns: readonly (readonly [heading: string, cell: (g: LogGuarantees) => string])[] = [
  ["accepted means held by", (g) => g.durable],
  ["survives a restart", (g) => g.survivesRestart ? "yes" : "no"],
  ["processes", (g) => g.processes],
  ["order kept per", (g) => g.order],
  ["members of a group", (g) => g.groupMembers === "share" ? "share partitions" : "stand by"],
  ["largest record", (g) => `${g.maxRecordBytes.toLocaleString("en")} bytes`],
  ["needs", (g) => g.needs],
];

/** The README's table of queues, made of what the adapters declare. */
export function queueTable(): string {
  const rows = Object.entries(queueAdapters).map((
    [name, { guarantees }],
  ) => [`\`${name}\``, ...columns.map(([, cell]) => cell(guarantees))]);
  const headings = ["`mq.adapter`", ...columns.map(([heading]) => heading)];
  return [headings, headings.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
