/** Where the dead letters of a configuration's shop and consumers lie. */
import type { Config } from "../config/schema.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import { forwarderGroup } from "../use_cases/forwarder_group.ts";
import { bufferName } from "./event_path.ts";
import { openQueue } from "./queues.ts";

interface Place {
  readonly name: string;
  open(publishes: readonly string[]): Promise<EventLog>;
}

/** The buffer, where there is one, and the queue. */
export function deadLetterPlaces(
  { mq }: Config,
  options: { readonly clock: Clock; readonly closeTimeoutMs: number },
): readonly Place[] {
  const queue: Place = {
    name: mq.adapter,
    open: (topics) => openQueue(mq, mq.adapter, { ...options, topics }),
  };
  const name = bufferName(mq);
  if (name === undefined) return [queue];
  const own = { topicPolicy: "ensure", requiredGroups: [forwarderGroup] } as const;
  const open = (topics: readonly string[]) => openQueue(mq, name, { ...options, ...own, topics });
  return [{ name: "buffer", open }, queue];
}
