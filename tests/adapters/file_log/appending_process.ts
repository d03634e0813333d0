/**
 * A process that appends until it is killed or has appended `count` records; each accepted one is a
 * line of its output.
 */
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";

const [directory = "", writer = "", count = "0"] = Deno.args;
const log = await openFileLog({ directory, segmentBytes: 256 * 1024 });
const encoder = new TextEncoder();

let next = 0;
async function appendOneByOne(): Promise<void> {
  while (next < Number(count)) {
    const text = `${writer}:${next++}`;
    const { offset } = await log.publish("events", { key: writer, value: encoder.encode(text) });
    Deno.stdout.writeSync(encoder.encode(`${text} ${offset}\n`));
  }
}

await Promise.all(Array.from({ length: 8 }, appendOneByOne));
await log[Symbol.asyncDispose]();
