/**
 * A long outage in small: what piles up costs disk, not memory, and drains when the broker is back.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { isFull } from "../campaign.ts";
import { hasKafka, openProxiedKafka, type ProxiedKafka } from "./proxied_kafka.ts";
import { assertKept, newTopic, openShopUnderFault } from "./shop_under_fault.ts";
import { countRecords, streamTopic } from "./topic_contents.ts";

const events = 1_000_000;
const mebibyte = 1024 * 1024;
const mostGrowth = 100 * mebibyte;
const drainDeadlineMs = 180_000;
/** O5: how long attempts to connect are counted. */
const measuredMs = 15_000;

async function outlast(kafka: ProxiedKafka): Promise<void> {
  const topic = newTopic("outage");
  const directory = await Deno.makeTempDir({ prefix: "outage_" });
  await kafka.proxy.set({ kind: "hang_up" });
  const script = new URL("./outage_process.ts", import.meta.url).pathname;
  const permissions = ["--allow-net", "--allow-env", "--allow-read", `--allow-write=${directory}`];
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", ...permissions, "--allow-sys=statfs", script],
      ...[directory, topic, kafka.brokers[0] ?? "", `${events}`],
    ],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const [acceptMs, growth] = await numbersFrom(child.stdout);
  // By now the pauses between attempts have grown as long as they get.
  const attempts = kafka.proxy.attempts;
  await new Promise((resolve) => setTimeout(resolve, measuredMs));
  const attemptsPerMinute = (kafka.proxy.attempts - attempts) * 60_000 / measuredMs;

  await kafka.proxy.set({ kind: "pass" });
  const drainBegan = performance.now();
  let most = 0;
  const recordsIn = async (): Promise<number> =>
    (await countRecords(kafka.inner, topic)).reduce((sum, count) => sum + count, 0);
  while (await recordsIn() < events) {
    most = Math.max(most, await residentBytes(child.pid));
    assert.ok(performance.now() - drainBegan < drainDeadlineMs, "the backlog has not drained");
  }
  const drainMs = performance.now() - drainBegan;
  child.kill("SIGKILL");
  await child.status;
  await Deno.remove(directory, { recursive: true });

  const { missing, duplicates, outOfOrder } = await judgeNumbered(kafka.inner, topic);
  const perSecond = (ms: number): string => `${Math.round(events / ms)} k/s`;
  console.log(
    `outage: ${events} events accepted in ${acceptMs} ms (${perSecond(acceptMs)}), memory grew by ${
      Math.round(growth / mebibyte)
    } MB, ${Math.round(attemptsPerMinute)} connection attempts a minute; drained in ${
      Math.round(drainMs)
    } ms (${perSecond(drainMs)}), at most ${Math.round(most / mebibyte)} MB resident; ` +
      `${missing} missing, ${duplicates} duplicates, ${outOfOrder} out of order`,
  );
  assert.deepEqual({ missing, outOfOrder }, { missing: 0, outOfOrder: 0 });
  assert.ok(growth < mostGrowth);
  // Back-off goes up to 2 s with full jitter: one a second for a partition, and the probe of the
  // health every 2 s.
  assert.ok(attemptsPerMinute <= 240, `${attemptsPerMinute} attempts a minute`);
}

/** The first line that a process prints. */
async function numbersFrom(stream: ReadableStream<Uint8Array>): Promise<[number, number]> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    assert.ok(!done, "the process ended too early");
    text += value;
  }
  await reader.cancel();
  const [first = 0, second = 0] = text.trim().split(" ").map(Number);
  return [first, second];
}

async function residentBytes(pid: number): Promise<number> {
  // Deno itself reads /proc only where it may do anything at all.
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/status`] }).output();
  return Number(/VmRSS:\s+(\d+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? 0) * 1024;
}

/** Of events whose ids end in their number, with the number's remainder as their key. */
async function judgeNumbered(broker: string, topic: string) {
  const seen = new Uint8Array(events);
  const newest = new Map<string, number>();
  let [found, duplicates, outOfOrder] = [0, 0, 0];
  for await (const { id, key } of streamTopic(broker, topic)) {
    const number = Number.parseInt(id.slice(-12), 16);
    if (seen[number] === 1) {
      duplicates++;
      continue;
    }
    seen[number] = 1;
    found++;
    if (number < (newest.get(key) ?? -1)) outOfOrder++;
    newest.set(key, number);
  }
  return { missing: events - found, duplicates, outOfOrder };
}

async function fillUp(kafka: ProxiedKafka): Promise<void> {
  const maxBytes = mebibyte;
  const file = `{ directory: DIR/queue, max_bytes: ${maxBytes}, segment_bytes: 65536 }`;
  await using shop = await openShopUnderFault({
    ...kafka,
    client: "kafkajs",
    ratePerSecond: 64,
    pageSize: 8,
    // So long that no busy machine makes an answer "pending".
    acceptTimeoutMs: 5000,
    file,
  });
  const { load, folder, topic } = shop;
  await load.answers(64);
  await kafka.proxy.set({ kind: "refuse" });
  const lastStatus = (): string => load.answered.at(-1)?.status ?? "";
  while (!/refused; reason=full/.test(lastStatus())) {
    await load.answers(1);
    assert.ok(load.answered.length < 5000, "the buffer does not fill up");
  }
  await load.answers(256);
  const bytes = await bytesIn(`${folder.path}/queue/${topic}`);
  await kafka.proxy.set({ kind: "pass" });
  await shop.drained(30_000);
  // Room is made by whole segments, when what is in them has been committed.
  const enough = load.answered.length + 1000;
  while (lastStatus() !== "accepted") {
    await load.answers(1);
    assert.ok(load.answered.length < enough, "nothing is accepted though the buffer has drained");
  }
  load.enter("afterwards");
  await load.answers(64);
  const verdict = await shop.conclude("buffer full while the broker was away", 20_000);
  console.log(`buffer of at most ${maxBytes} bytes: ${bytes} bytes of files when it was full`);
  assertKept(load, verdict);
  assert.ok(verdict.refused > 0);
  const later = load.answered.filter(({ phase }) => phase === "afterwards");
  assert.ok(later.every(({ status }) => status === "accepted"));
  assert.ok(bytes <= maxBytes * 1.1 + 3 * 4096, `${bytes} bytes`);
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) bytes += (await Deno.stat(`${folder}/${name}`)).size;
  }
  return bytes;
}

if (isFull && hasKafka) {
  describe("the shop while Kafka is away for long", () => {
    it("O2 O5 a million events cost no memory, attempts are bounded, and all arrive", async () => {
      await using kafka = await openProxiedKafka();
      await outlast(kafka);
    });

    it("O2 S7 its buffer fills up: refused as full, and accepted again when it has drained", async () => {
      await using kafka = await openProxiedKafka();
      await fillUp(kafka);
    });
  });
}
