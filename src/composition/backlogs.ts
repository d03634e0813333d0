/** What waits in the log in files for a forwarder, whatever the configuration is now. */
import { noBuffer } from "../config/adapter_values.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../ports/clock.ts";
import { findBacklogs, type FoundBacklogs } from "../use_cases/find_backlogs.ts";
import { forwarderGroup } from "../use_cases/forward_events.ts";
import { logDirectory, logFiles } from "./operations.ts";
import { queueNamed } from "./queues.ts";

type Mq = Config["mq"];

/** @param except Whose forwarder there is anyway. */
export async function foundBacklogs(
  mq: Mq,
  clock: Clock,
  except?: string,
): Promise<FoundBacklogs> {
  const tools = await logFiles(mq).openTools(logDirectory(mq), clock);
  return await findBacklogs(tools, forwarderGroup, except);
}

/** Why this configuration forwards nothing, and what brings on what waits. */
export function whyNotForwarded(mq: Mq): string {
  const { adapter } = mq;
  const isRemote = queueNamed(adapter).remote !== undefined;
  const key = isRemote ? `mq.${adapter}.buffer` : "mq.adapter";
  const value = isRemote ? noBuffer : adapter;
  const wanted = isRemote ? `"${logFiles(mq).name}"` : "the queue that they were accepted for";
  return `nothing forwards them, as ${key} is "${value}"; they are delivered when it is ${wanted} again`;
}
