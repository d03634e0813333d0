/** What waits in the log in files for a forwarder, whatever the configuration is now. */
import { noBuffer } from "../config/adapter_values.ts";
import type { Config } from "../config/schema.ts";
import type { Probe } from "../ports/adapter_declaration.ts";
import type { Clock } from "../ports/clock.ts";
import { QueueError } from "../ports/queue_error.ts";
import { findBacklogs, type FoundBacklogs, type TopicBacklog } from "../use_cases/find_backlogs.ts";
import { forwarderGroup } from "../use_cases/forwarder_group.ts";
import { logDirectory, logFiles } from "./operations.ts";
import { bufferName } from "./event_path.ts";
import { oldestWaiting } from "./oldest_waiting.ts";
import { queueNamed, queueValues } from "./queues.ts";

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
  return `nothing forwards them, as ${key} is "${value}"; they are delivered when it is ${wanted} again; if that will never be, give them up: deno task log release ${forwarderGroup}`;
}

/** What `doctor` says of it; looking changes nothing. */
export function backlogProbe({ mq }: Config, clock: Clock): Probe {
  const forwards = bufferName(mq) !== undefined;
  return {
    name: "backlog",
    async run() {
      const found = await look(mq, clock, forwards ? mq.topic : undefined);
      if (typeof found === "string") return found;
      const waiting = found.topics.filter(({ lag }) => lag !== 0);
      const told = await Promise.all(waiting.map((one) => tell(mq, clock, one)));
      const stuck = found.stuck.filter(({ isCertain }) => isCertain || forwards)
        .map(({ why }) => `Events may wait: ${why}`);
      const faults = [...told.filter(({ isOk }) => !isOk).map(({ what }) => what), ...stuck];
      if (faults.length > 0) throw new QueueError("unavailable", faults.join("\n"));
      const lines = told.map(({ what }) => what);
      const others = notForwarded(mq, found.others);
      return [...lines.length > 0 ? lines : ["no events wait under another name"], ...others]
        .join("\n");
    },
  };
}

/** What stands in the log in files beside a remote queue, and goes nowhere. */
function notForwarded(mq: Mq, others: readonly string[]): readonly string[] {
  const { adapter, topic } = mq;
  if (queueNamed(adapter).remote === undefined || others.length === 0) return [];
  const named = `not accepted to be forwarded: ${others.map((each) => `"${each}"`).join(", ")}`;
  if (!others.includes(topic)) return [named];
  return [
    `${named}; with mq.${adapter}.buffer "${
      logFiles(mq).name
    }" what the log holds of "${topic}" is delivered`,
  ];
}

async function look(mq: Mq, clock: Clock, except?: string): Promise<FoundBacklogs | string> {
  try {
    return await foundBacklogs(mq, clock, except);
  } catch (error) {
    if (!(error instanceof QueueError)) throw error;
    if (await isMissing(logDirectory(mq))) return "no log is there yet, so nothing waits in it";
    // Whether the log's directory should be there is told by its own probe.
    return `none is known: ${error.message}`;
  }
}

async function isMissing(directory: string): Promise<boolean> {
  try {
    await Deno.stat(directory);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

async function tell(mq: Mq, clock: Clock, { topic, lag, isHeld }: TopicBacklog) {
  const waits = `${lag ?? "some"} events of topic "${topic}" wait`;
  const isForwarded = { isOk: true, what: `${waits}, and a process forwards them` };
  if (bufferName(mq) === undefined) {
    if (isHeld) return isForwarded;
    return { isOk: false, what: `${waits}: ${whyNotForwarded(mq)}` };
  }
  const oldest = () => oldestWaiting(logFiles(mq), logDirectory(mq), topic, clock);
  const options = { topic, topicPolicy: mq.topics, clock, oldestWaiting: oldest };
  const { run } = queueNamed(mq.adapter).probe(queueValues(mq, mq.adapter), options);
  return await run().then(
    () =>
      isHeld
        ? isForwarded
        : { isOk: true, what: `${waits}, and are delivered to it when the shop runs` },
    (error) => {
      if (!(error instanceof QueueError)) throw error;
      return { isOk: false, what: `${waits}: ${error.message}` };
    },
  );
}
