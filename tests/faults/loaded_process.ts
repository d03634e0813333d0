/**
 * A process that publishes `count` records of 300 bytes, eight at a time, until it has or is killed. Each line of its output is
 * `+ NAME OFFSET` for a record that was accepted, or `- NAME CODE` for one that was refused; the last line is `= stall MS`, the
 * longest time in which the event loop did nothing.
 */
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { QueueError } from "../../src/ports/queue_error.ts";

const [directory = "", writer = "", count = "0"] = Deno.args;
const encoder = new TextEncoder();
await using log = await openFileLog({ directory, segmentBytes: 64 * 1024 });

let [stallMs, lookedAt] = [0, performance.now()];
const watching = setInterval(() => {
  const now = performance.now();
  stallMs = Math.max(stallMs, now - lookedAt);
  lookedAt = now;
}, 5);

let next = 0;
async function publishOneByOne(): Promise<void> {
  while (next < Number(count)) {
    const name = `${writer}:${next++}`;
    const line = await log.publish("events", { value: encoder.encode(name.padEnd(300)) }).then(
      ({ offset }) => `+ ${name} ${offset}`,
      (error) => `- ${name} ${error instanceof QueueError ? error.code : String(error)}`,
    );
    Deno.stdout.writeSync(encoder.encode(`${line}\n`));
  }
}

await Promise.all(Array.from({ length: 8 }, publishOneByOne));
clearInterval(watching);
Deno.stdout.writeSync(encoder.encode(`= stall ${Math.round(stallMs)}\n`));
