/** A consumer of one's own: counts how often each book is found, each event once. */
import { DatabaseSync } from "node:sqlite";
import type { EventSource, SubscribeOptions } from "../../src/ports/event_source.ts";
import type { StoredRecord } from "../../src/ports/event_record.ts";

/** Reads on from the group's position; ends as the subscription does. */
export async function countTitles(
  source: EventSource,
  topic: string,
  database: DatabaseSync,
  options: Pick<SubscribeOptions, "until" | "signal"> = {},
): Promise<void> {
  database.exec("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)");
  database.exec("CREATE TABLE IF NOT EXISTS found (title TEXT PRIMARY KEY, times INTEGER)");
  const see = database.prepare("INSERT OR IGNORE INTO seen VALUES (?)");
  const count = database.prepare(
    "INSERT INTO found VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
  );
  const reading = source.subscribe(topic, { ...options, group: "titles", from: "earliest" });
  for await (const batch of reading) {
    database.exec("BEGIN");
    for (const record of batch.records) {
      // The same event may come twice: its id and its effect are one transaction.
      const isNew = see.run(idOf(batch, record)).changes > 0;
      if (isNew) { for (const title of titlesIn(record)) count.run(title); }
    }
    database.exec("COMMIT");
    await batch.commit();
  }
}

/** Records of other services may have no id; then their place is one. */
function idOf({ topic, partition }: { topic: string; partition: number }, record: StoredRecord) {
  const id = record.headers.find(([name]) => name === "ce_id")?.[1];
  return id ? new TextDecoder().decode(id) : `${topic}/${partition}/${record.offset}`;
}

/** None where the record is no search: what cannot be read must not hold up the others. */
function titlesIn({ value }: StoredRecord): string[] {
  try {
    const books = JSON.parse(new TextDecoder().decode(value ?? undefined));
    return books.map(({ title }: { title: unknown }) => `${title}`);
  } catch {
    return [];
  }
}
