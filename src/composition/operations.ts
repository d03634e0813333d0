/** What operators and audits look through, apart from the running shop. */
import { openPrometheusTelemetry } from "../../adapters/telemetry/prometheus.ts";
import type { AdapterValues } from "../config/adapter_values.ts";
import type { Config } from "../config/schema.ts";
import { deadLetterTopic } from "../domain/topic_name.ts";
import type { Probe } from "../ports/adapter_declaration.ts";
import type { Clock } from "../ports/clock.ts";
import type { QueueFiles, RemoteQueue } from "../ports/queue_declaration.ts";
import { databaseNamed, databaseValues } from "./catalogues.ts";
import { bufferName } from "./event_path.ts";
import { oldestWaiting } from "./oldest_waiting.ts";
import { fileQueueAmong, queueNamed, queueValues } from "./queues.ts";

type Mq = Config["mq"];

/**
 * The queue that keeps its log in files: one that is at work if there is, else the first, whatever
 * `mq.adapter` names.
 */
export function logFiles(mq?: Mq): QueueFiles<AdapterValues> & { readonly name: string } {
  const name = mq === undefined ? fileQueueAmong() : fileQueueAmong(mq.adapter, bufferName(mq));
  const { files } = queueNamed(name);
  if (files === undefined) {
    throw new RangeError(`Queue "${name}" keeps no files, wanted one that does`);
  }
  return { ...files, name };
}

/** Where that log is. */
export function logDirectory(mq: Mq): string {
  const { name, directory } = logFiles(mq);
  return directory(queueValues(mq, name));
}

/**
 * The log at the other end of a remote queue; undefined where events end on this machine, or cannot
 * be looked up there.
 */
export function comparedLog(mq: Mq, clock: Clock) {
  const remote: RemoteQueue<AdapterValues> | undefined = queueNamed(mq.adapter).remote;
  const openToCompare = remote?.openToCompare;
  if (remote === undefined || openToCompare === undefined) return undefined;
  const values = queueValues(mq, mq.adapter);
  return { address: remote.address(values), open: () => openToCompare(values, clock) };
}

/** What a shop of this configuration needs to reach; looking changes nothing. */
export function probes(config: Config, clock: Clock): readonly Probe[] {
  const { db, mq } = config;
  const { topic, topics: topicPolicy } = mq;
  const queues = [bufferName(mq), mq.adapter].filter((name) => name !== undefined);
  const database = databaseNamed(db.driver);
  const readModels = database.readModels?.probe(databaseValues(config));
  return [
    database.probe(databaseValues(config)),
    ...readModels === undefined ? [] : [readModels],
    ...queues.map((name) =>
      queueNamed(name).probe(queueValues(mq, name), {
        topic,
        // A buffer makes its topics itself, whatever the brokers have.
        topicPolicy: name === mq.adapter ? topicPolicy : "ensure",
        clock,
        ...(name === mq.adapter && bufferName(mq) !== undefined && {
          oldestWaiting: () => oldestWaiting(logFiles(mq), logDirectory(mq), topic, clock),
        }),
      })
    ),
    ...deadLetterProbes(config, clock),
  ];
}

/**
 * Where nobody makes topics on the brokers, that of the consumers' dead letters has to be there
 * before the first record that is no search: its partition would wait. A log of the shop's own
 * makes it in any case.
 */
function deadLetterProbes({ db, mq }: Config, clock: Clock): readonly Probe[] {
  const queue = queueNamed(mq.adapter);
  const hasConsumers = databaseNamed(db.driver).readModels !== undefined;
  if (!hasConsumers || queue.remote === undefined || mq.topics === "ensure") return [];
  const topic = deadLetterTopic(mq.topic);
  const looked = { topic, topicPolicy: mq.topics, clock };
  return [{ ...queue.probe(queueValues(mq, mq.adapter), looked), name: "dead letters" }];
}

/** Numbers of a command that runs on, and how operators read them. */
export function openTelemetry() {
  const telemetry = openPrometheusTelemetry();
  return { telemetry, metrics: telemetry };
}
