/**
 * A process that reads a topic until its input ends: what a reader costs is what this process
 * costs. It prints `ready`, then for each batch `+ FIRST LAST MS` (offsets, and when it had them),
 * and for each line of its input `= CPU_MS RSS_BYTES`, of its life so far.
 */
import process from "node:process";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";

const [directory = "", group] = Deno.args;
const encoder = new TextEncoder();
const say = (line: string): void => void Deno.stdout.writeSync(encoder.encode(`${line}\n`));

const log = await openFileLog({ directory, topicPolicy: "never" });
const stop = new AbortController();
const options = { from: "earliest", signal: stop.signal, ...(group && { group }) } as const;
const reading = log.subscribe("events", options);

async function answer(): Promise<void> {
  for await (const input of Deno.stdin.readable) {
    for (const _ of input.filter((byte) => byte === 10)) {
      const { user, system } = process.cpuUsage();
      say(`= ${(user + system) / 1000} ${Deno.memoryUsage().rss}`);
    }
  }
  stop.abort();
}

const answering = answer();
await reading.ready;
say("ready");
for await (const { records, commit } of reading) {
  say(
    `+ ${records[0]?.offset} ${records.at(-1)?.offset} ${
      performance.timeOrigin + performance.now()
    }`,
  );
  // Not waited for: commits share their writes.
  if (group) void commit();
}
await answering;
await log[Symbol.asyncDispose]();
