/**
 * Consumers and their forwarder as processes that are killed again and again while events flow:
 * what the read models come to then, and what one undisturbed run comes to.
 */
import assert from "node:assert/strict";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import { forwarderGroup } from "../../src/use_cases/forwarder_group.ts";
import { assertSame, contentsOf, endsOf, searched, until, untilAt } from "./consumed_events.ts";
import type { ConsumedStore, ConsumerPlace } from "./consumer_process.ts";
import { openReadModelsAt } from "./consumer_process.ts";

const eventsPerKill = 60;

export interface Kills {
  readonly kills: number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** A kill comes at any time up to this after a process has begun. */
  readonly mostMs: number;
  /** A folder for the buffer. */
  readonly directory: string;
  readonly topic: string;
  /** What the forwarder publishes to, and consumers read. */
  readonly target: ConsumerPlace["target"];
  readonly log: EventLog;
  /** Of the consumers that are killed, and of those that are not. */
  readonly stores: { readonly killed: ConsumedStore; readonly calm: ConsumedStore };
}

export interface Killed {
  /** Different events. */
  readonly events: number;
  /** What they became on the target: those that the forwarder sent again are there twice. */
  readonly records: number;
}

/** @throws where the read models of the killed differ from those of the undisturbed. */
export async function killConsumers(options: Kills): Promise<Killed> {
  const { kills, random, mostMs, directory, topic, target, log, stores } = options;
  await using buffer = await openFileLog({
    directory,
    requiredGroups: [forwarderGroup],
    topics: [topic, `${topic}.dlq`],
  });
  const startedAt = Date.now() - 3_600_000;
  let events = 0;
  const start = (store: ConsumedStore) => startConsumers({ directory, topic, target, store });
  for (let kill = 0; kill < kills; kill++) {
    const consumers = start(stores.killed);
    const reader = consumers.stdout.getReader();
    await reader.read();
    const killAt = performance.now() + random() * mostMs;
    for (let n = 0; n < eventsPerKill; n++) {
      await buffer.publish(topic, searched(events++, startedAt));
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, killAt - performance.now()))); // any time
    consumers.kill("SIGKILL");
    await consumers.status;
    await reader.cancel();
  }
  await buffer.publish(topic, searched(events++, startedAt));
  const last = start(stores.killed);
  await until("the forwarder's end", async () => {
    const { positions } = await buffer.groups.describe(forwarderGroup);
    return positions.some((place) => place.topic === topic && place.lag === 0n);
  });
  const ends = await endsOf(log, topic);
  await using killed = await openReadModelsAt(stores.killed);
  await untilAt(killed, ends);
  await end(last);
  await using undisturbed = await openReadModelsAt(stores.calm);
  const run = start(stores.calm);
  await untilAt(undisturbed, ends);
  await end(run);
  const now = Date.now();
  const found = await contentsOf(killed, now);
  assertSame(found, await contentsOf(undisturbed, now));
  assert.equal(Object.values(found.counts).reduce((a, b) => a + b, 0), events);
  return { events, records: Number([...ends.values()].reduce((a, b) => a + b, 0n)) };
}

async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
  await child.stdout.cancel();
}

function startConsumers(place: ConsumerPlace): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-A",
      new URL("./consumer_process.ts", import.meta.url).pathname,
      JSON.stringify(place),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}
