/**
 * What stands in a topic of three partitions, read by a client that is not ours (kcat). Brokers are
 * reached without a proxy.
 */

export interface StoredEvent {
  /** Empty where the record has none. */
  readonly id: string;
  readonly key: string;
  readonly partition: number;
  /** As `name=value`, separated by commas. */
  readonly headers: string;
}

const partitions = [0, 1, 2];

/** A topic that is being made, or a broker that has just started. */
const passing = /not leader|leader not available|no leader/i;
const mostAttempts = 50;

/** How many records stand in each partition; none where the topic does not exist. */
export async function countRecords(broker: string, topic: string): Promise<readonly number[]> {
  const ends = partitions.flatMap((partition) => ["-t", `${topic}:${partition}:-1`]);
  const kcat = new Deno.Command("kcat", { args: ["-Q", "-b", broker, ...ends] });
  for (let attempt = 1;; attempt++) {
    const { stdout, stderr, success } = await kcat.output();
    if (success) return countsIn(new TextDecoder().decode(stdout));
    const said = new TextDecoder().decode(stderr);
    if (/unknown topic|unknown partition/i.test(said)) return partitions.map(() => 0);
    if (attempt === mostAttempts || !passing.test(said)) throw new Error(`kcat failed: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function countsIn(text: string): readonly number[] {
  const lines = text.matchAll(/\[(\d+)\] offset (\d+)/g);
  const counts = new Map([...lines].map(([, partition, end]) => [Number(partition), Number(end)]));
  return partitions.map((partition) => counts.get(partition) ?? 0);
}

/** All records that stand there now, in the order of their partitions. */
export async function* streamTopic(broker: string, topic: string): AsyncGenerator<StoredEvent> {
  // By number: where records keep coming, kcat has been seen to wait for an end (-e) for ever.
  for (const [partition, count] of (await countRecords(broker, topic)).entries()) {
    if (count > 0) yield* streamPartition(broker, topic, partition, count);
  }
}

/** The same at once. */
export const readTopic = (broker: string, topic: string): Promise<readonly StoredEvent[]> =>
  Array.fromAsync(streamTopic(broker, topic));

async function* streamPartition(
  broker: string,
  topic: string,
  partition: number,
  count: number,
): AsyncGenerator<StoredEvent> {
  const place = ["-b", broker, "-t", topic, "-p", `${partition}`, "-o", "beginning"];
  const child = new Deno.Command("kcat", {
    args: ["-C", "-q", ...place, "-c", `${count}`, "-f", "%k %h\n"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield eventOf(partition, line);
  }
  if (!(await child.status).success) throw new Error(`kcat failed: ${await said}`);
}

function eventOf(partition: number, line: string): StoredEvent {
  const space = line.indexOf(" ");
  const [key, headers] = [line.slice(0, space), line.slice(space + 1)];
  return { id: /ce_id=([0-9a-f-]+)/.exec(headers)?.[1] ?? "", key, partition, headers };
}
