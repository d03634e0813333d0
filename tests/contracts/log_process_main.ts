/**
 * What `log_process.ts` starts: publishes one record after the other, four at a time, consumes
 * them, and says what it knows.
 */
import type { OpenDoor } from "./event_log_harness.ts";
import { bytes, text } from "./law.ts";

const [module = "", address = "", topic = "", group = ""] = Deno.args;
const { openDoor }: { readonly openDoor: OpenDoor } = await import(module);
const log = await openDoor(address);
const say = (line: string): void => void Deno.stdout.writeSync(bytes(`${line}\n`));

async function publish(): Promise<void> {
  for (let n = 1;; n += 4) {
    const values = [0, 1, 2, 3].map((more) => `v${n + more}`);
    const reports = await Promise.all(
      values.map((value) => log.publish(topic, { key: "k", value: bytes(value) })),
    );
    for (const [at, { offset }] of reports.entries()) say(`accepted ${values[at]} ${offset}`);
    // No faster than it consumes.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function consume(): Promise<void> {
  const options = { group, from: "earliest", maxRecords: 5 } as const;
  for await (const batch of log.subscribe(topic, options)) {
    for (const { value } of batch.records) say(`read ${text(value)}`);
    const position = batch.records.at(-1)!.offset + 1n;
    say(`handed-out ${position}`);
    // Not awaited: a log may store several commits at once.
    batch.commit().then(() => say(`committed ${position}`));
  }
}

// The topic is there before it is consumed.
const { offset } = await log.publish(topic, { key: "k", value: bytes("v0") });
say(`accepted v0 ${offset}`);
await Promise.all([publish(), consume()]);
