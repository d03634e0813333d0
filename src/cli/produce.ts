/** `produce`: publishes values as records. */
import type { Config } from "../config/schema.ts";
import type { RecordHeader } from "../ports/event_record.ts";
import { QueueError } from "../ports/queue_error.ts";
import { bufferOutput } from "./buffered_output.ts";
import { CommandError, explainError } from "./command_error.ts";
import { openSharedLog } from "./open_shared_log.ts";
import { type Item, type Outcome, publishInOrder } from "./publish_in_order.ts";
import { openSource, type SourceOptions, type SourceValue } from "./record_source.ts";
import type { CliServices } from "./services.ts";
import { untilClosed } from "./until_closed.ts";

/** The options of `produce`, as the command line gives them. */
export interface ProduceOptions extends SourceOptions {
  readonly topic?: string;
  /** Absent: records without a key, which is not the same as an empty one. */
  readonly key?: string;
  readonly header?: readonly RecordHeader[];
}

/**
 * How long a stop waits for the queue's answers, in milliseconds; then the queue is closed, which
 * has a deadline of its own.
 */
const flushMs = 3000;

/** The exit code of what a signal has ended before its end, as shells have it for Ctrl-C. */
const interruptedCode = 130;

/** Publishes values and reports each, in order. @returns The exit code. */
export async function produce(
  options: ProduceOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { topic = config.mq.topic } = options;
  const { stderr, stop, clock } = services;
  const givenUp = new AbortController();
  const ended = AbortSignal.any([stop, givenUp.signal]);
  if (options.key !== undefined && options.keySeparator !== undefined) {
    throw new CommandError('Options "--key" and "--key-separator" are given, wanted one of them', {
      exitCode: 2,
    });
  }
  const source = openSource(options, services, ended);
  // The records matter, not the reports.
  const reports = bufferOutput(untilClosed(services.stdout));
  let failed = 0;

  const onOutcome = async (name: string, outcome: Outcome): Promise<void> => {
    if ("report" in outcome) {
      const { topic, partition, offset } = outcome.report;
      return await reports.write(
        `Message delivered to ${topic} [${partition}] @ offset ${offset}\n`,
      );
    }
    failed++;
    const reason = "fault" in outcome ? outcome.fault : notDelivered(name, outcome.error, stop);
    // Reports before it first, so that a terminal shows them in their order.
    await reports.flush();
    await stderr.write(`${reason}\n`);
  };

  const log = await openSharedLog(config, services, [topic]);
  let cancel = () => {};
  const onStop = () => cancel = clock.after(flushMs, () => void log[Symbol.asyncDispose]());
  stop.addEventListener("abort", onStop, { once: true });
  if (stop.aborted) onStop();
  let complete: boolean;
  try {
    complete = await publishInOrder({
      queue: log,
      topic,
      items: itemsOf(source, options),
      onOutcome,
      onGiveUp: () => givenUp.abort(),
      clock,
      stop,
    });
  } finally {
    stop.removeEventListener("abort", onStop);
    cancel();
    await log[Symbol.asyncDispose]();
    await reports.flush();
  }
  if (!complete && options.stdin === true) {
    await stderr.write("Stopped: the queue does not take records; the rest was not read\n");
  }
  if (stop.aborted) await stderr.write("Aborted by user\n");
  if (failed > 0 || !complete) return 1;
  return stop.aborted ? interruptedCode : 0;
}

/** Why a record was not delivered. After Ctrl-C it is no news that the log was closed. */
function notDelivered(name: string, error: unknown, stop: AbortSignal): string {
  const isOurs = error instanceof QueueError &&
    (error.code === "closed" || error.code === "aborted");
  if (stop.aborted && isOurs) {
    return `${name} was not delivered: the queue had not taken it when you stopped`;
  }
  if (error instanceof QueueError && error.code === "outcome_unknown") {
    return `${name} may have been delivered, or not: ${explainError(error)}`;
  }
  return `${name}: ${explainError(error)}`;
}

async function* itemsOf(
  values: AsyncIterable<SourceValue>,
  { key, header }: ProduceOptions,
): AsyncGenerator<Item<string>> {
  const common = { ...(key !== undefined && { key }), ...(header && { headers: header }) };
  for await (const item of values) {
    if ("fault" in item) yield { tag: item.name, fault: item.fault };
    else {
      const { name, value, key: own } = item;
      const record = { ...common, value, ...(own !== undefined && { key: own }) };
      yield { tag: name, record, bytes: value.length };
    }
  }
}
