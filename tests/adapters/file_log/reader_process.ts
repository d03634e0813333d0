/** Starting `reading_process.ts`, and hearing what it says. */
import assert from "node:assert/strict";
import type { EventLog } from "../../../src/ports/event_log.ts";

export interface ReaderProcess extends AsyncDisposable {
  /** The batches that it has read. */
  readonly batches: readonly ReadBatch[];
  /** Resolves when it has read the record before this offset. */
  reached(next: number): Promise<void>;
  /** What it has cost so far. */
  cost(): Promise<{ readonly cpuMs: number; readonly rssBytes: number }>;
}

export interface ReadBatch {
  readonly first: number;
  readonly last: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly atMs: number;
}

const deadlineMs = 30_000;

/** Resolves when it reads, or is a member of `group`. */
export async function startReader(directory: string, group?: string): Promise<ReaderProcess> {
  const script = new URL("./reading_process.ts", import.meta.url).pathname;
  const permissions = ["--allow-read", `--allow-write=${directory}`];
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      ...permissions,
      script,
      directory,
      ...group ? [group] : [],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const batches: ReadBatch[] = [];
  const costs: { cpuMs: number; rssBytes: number }[] = [];
  let isReady = false;
  let isOver = false;
  let heard = Promise.withResolvers<void>();

  function hear(line: string): void {
    const [sign, ...numbers] = line.split(" ");
    const [a = NaN, b = NaN, c = NaN] = numbers.map(Number);
    if (sign === "ready") isReady = true;
    if (sign === "+") batches.push({ first: a, last: b, atMs: c });
    if (sign === "=") costs.push({ cpuMs: a, rssBytes: b });
  }

  const listening = (async () => {
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) hear(line);
      heard.resolve();
      heard = Promise.withResolvers();
    }
    isOver = true;
    heard.resolve();
  })();

  async function until(what: string, condition: () => boolean): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      heard.resolve();
    }, deadlineMs);
    try {
      while (!condition()) {
        assert.ok(!isOver, `the reader ended before ${what}`);
        assert.ok(!isLate, `${what}: not in ${deadlineMs} ms; read up to ${batches.at(-1)?.last}`);
        await heard.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  await until("it was ready", () => isReady);
  return {
    batches,
    reached: (next) => until(`offset ${next}`, () => (batches.at(-1)?.last ?? -1) >= next - 1),
    async cost() {
      const count = costs.length;
      await input.write(Uint8Array.of(10));
      await until("it told its cost", () => costs.length > count);
      return costs[count]!;
    },
    async [Symbol.asyncDispose]() {
      await input.close().catch(() => {});
      await listening;
      assert.equal((await child.status).code, 0);
    },
  };
}

/**
 * Publishes a record, waits until the reader has it, pauses, and so on: so that it falls asleep
 * each time.
 *
 * @returns How long after the call of `publish` the reader had each record (the writer's sync
 *   included), and how much of a core it used meanwhile.
 */
export async function pacedWakeUps(
  log: EventLog,
  reader: ReaderProcess,
  count: number,
  pauseMs: number,
): Promise<{ readonly wakeUpMs: readonly number[]; readonly cpuShare: number }> {
  const now = (): number => performance.timeOrigin + performance.now();
  const wakeUpMs: number[] = [];
  const before = await reader.cost();
  const began = now();
  for (let n = 0; n < count; n++) {
    const publishedAt = now();
    const { offset } = await log.publish("events", { value: new Uint8Array(250) });
    await reader.reached(Number(offset) + 1);
    wakeUpMs.push((reader.batches.at(-1)?.atMs ?? NaN) - publishedAt);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  const { cpuMs } = await reader.cost();
  return { wakeUpMs, cpuShare: (cpuMs - before.cpuMs) / (now() - began) };
}
