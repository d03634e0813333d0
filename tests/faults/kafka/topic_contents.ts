/** What stands in a topic, read by a client that is not ours (kcat). */

export interface StoredEvent {
  readonly id: string;
  readonly key: string;
  readonly partition: number;
}

/** All records in the order of their partitions; none where the topic does not exist. @param broker Reached without a proxy. */
export async function readTopic(broker: string, topic: string): Promise<readonly StoredEvent[]> {
  const format = "%p %k %h\n";
  const { stdout, stderr, success } = await new Deno.Command("kcat", {
    args: ["-C", "-q", "-e", "-b", broker, "-t", topic, "-o", "beginning", "-f", format],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) {
    const said = new TextDecoder().decode(stderr);
    if (/unknown topic|unknown partition|does not exist/i.test(said)) return [];
    throw new Error(`kcat failed: ${said}`);
  }
  return new TextDecoder().decode(stdout).split("\n").slice(0, -1).map((line) => {
    const [, partition = "", key = "", headers = ""] = /^(\d+) (\S*) (.*)$/.exec(line) ?? [];
    return { id: /ce_id=([0-9a-f-]+)/.exec(headers)?.[1] ?? "", key, partition: Number(partition) };
  });
}
