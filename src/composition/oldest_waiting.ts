import type { Clock } from "../ports/clock.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { QueueFiles } from "../ports/queue_declaration.ts";
import { forwarderGroup } from "../use_cases/forwarder_group.ts";

/**
 * When the oldest record was made that the forwarder has still to read, in milliseconds since the
 * epoch; undefined where there is none, or none that can be read: that is told by who looks at the
 * log itself.
 */
export async function oldestWaiting(
  files: Pick<QueueFiles<never>, "openTools">,
  directory: string,
  topic: string,
  clock: Clock,
): Promise<number | undefined> {
  try {
    const tools = await files.openTools(directory, clock);
    if (!(await tools.topics()).includes(topic)) return undefined;
    const { groups } = await tools.inspect(topic);
    const position = groups.find(({ name }) => name === forwarderGroup)?.position;
    const from = position === undefined ? "earliest" : { offset: position };
    await using log = await tools.openForReading({ skipCorrupt: true });
    const reading = log.subscribe(topic, { from, until: "end", maxRecords: 1 });
    for await (const { records } of reading) return records[0]?.timestamp;
    return undefined;
  } catch (error) {
    if (error instanceof QueueError) return undefined;
    throw error;
  }
}
