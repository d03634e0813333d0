import { type KafkaClientName, kafkaClients } from "../../adapters/queue/kafka/clients.ts";
import { queueAdapters } from "../../adapters/queue/registry.ts";
import type { LogGuarantees } from "../../src/ports/log_guarantees.ts";

const columns: readonly (readonly [heading: string, cell: (g: LogGuarantees) => string])[] = [
  ["accepted means held by", (g) => g.durable],
  ["survives a restart", (g) => g.survivesRestart ? "yes" : "no"],
  ["processes", (g) => g.processes],
  ["order kept per", (g) => g.order],
  ["members of a group", (g) => g.groupMembers === "share" ? "share partitions" : "stand by"],
  ["headers keep their order", (g) => g.headerOrder === "exact" ? "yes" : "among equal names"],
  ["largest record", (g) => `${g.maxRecordBytes.toLocaleString("en")} bytes`],
  ["needs", (g) => g.needs],
];

/** The README's table of queues, made of what the adapters declare. */
export async function queueTable(): Promise<string> {
  const kafka = await queueAdapters.kafka();
  const clients = Object.keys(kafkaClients) as KafkaClientName[];
  const declared: readonly (readonly [string, LogGuarantees])[] = [
    ["`memory`", (await queueAdapters.memory()).guarantees],
    ["`file`", (await queueAdapters.file()).guarantees],
    ...clients.map((client) =>
      [`\`kafka\`, client \`${client}\``, kafka.guaranteesOf(client)] as const
    ),
  ];
  const rows = declared.map(([name, guarantees]) => [
    name,
    ...columns.map(([, cell]) => cell(guarantees)),
  ]);
  const headings = ["`mq.adapter`", ...columns.map(([heading]) => heading)];
  return [headings, headings.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
