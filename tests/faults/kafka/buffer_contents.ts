/** The shop's buffer, as another process sees it. */
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import { openFileLogTools } from "../../../adapters/queue/file_log/operate/log_tools.ts";
import type { EventRecord, StoredRecord } from "../../../src/ports/event_record.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import type { ServiceFolder } from "../../e2e/service_process.ts";

const directoryOf = (folder: ServiceFolder): string => `${folder.path}/queue`;

/** Puts records into the buffer beside the running shop. */
export async function publishBeside(
  folder: ServiceFolder,
  topic: string,
  records: readonly EventRecord[],
): Promise<void> {
  await using log = await openFileLog({ directory: directoryOf(folder) });
  await Promise.all(records.map((record) => log.publish(topic, record)));
}

/** The dead letters of a topic. */
export async function deadLettersOf(
  folder: ServiceFolder,
  topic: string,
): Promise<readonly StoredRecord[]> {
  await using log = await openFileLog({ directory: directoryOf(folder) });
  const letters: StoredRecord[] = [];
  try {
    const options = { from: "earliest", until: "end" } as const;
    for await (const { records } of log.subscribe(`${topic}.dlq`, options)) {
      letters.push(...records);
    }
  } catch (error) {
    if (!(error instanceof QueueError) || error.code !== "unknown_topic") throw error;
  }
  return letters;
}

/** A header's text; undefined where there is none of that name. */
export function headerOf({ headers }: StoredRecord, name: string): string | undefined {
  const value = headers.find(([each]) => each === name)?.[1];
  return value ? new TextDecoder().decode(value) : undefined;
}

/**
 * Where the forwarder's commit stands: the offset of the first record that it may publish again.
 */
export async function committedBy(
  group: string,
  folder: ServiceFolder,
  topic: string,
): Promise<bigint> {
  const tools = await openFileLogTools({ directory: directoryOf(folder) });
  const { groups } = await tools.inspect(topic);
  return groups.find(({ name }) => name === group)?.position ?? 0n;
}

/** Event id → offset. */
export async function offsetsIn(
  folder: ServiceFolder,
  topic: string,
): Promise<ReadonlyMap<string, bigint>> {
  await using log = await openFileLog({ directory: directoryOf(folder) });
  const offsets = new Map<string, bigint>();
  for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
    for (const record of records) offsets.set(headerOf(record, "ce_id") ?? "", record.offset);
  }
  return offsets;
}
