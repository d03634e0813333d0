/** A reader of a SQLite log in another process: nothing wakes it, so it asks at intervals. */
import { type Spread, spreadOf } from "./paced_appends.ts";
import { insertSynced, openSqliteTable } from "./sqlite_table.ts";

export interface Polling {
  /** From the start of the insertion to the record in the reader's hands: the sync included. */
  readonly wakeUpMs: Spread;
  /** Of a core, in per cent, while nothing comes. */
  readonly idlePercent: number;
}

const value = new Uint8Array(288).fill(120);
const pauseMs = 10;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function benchPolling(
  file: string,
  everyMs: number,
  wakeUps: number,
  idleMs: number,
): Promise<Polling> {
  const table = openSqliteTable(file);
  const script = new URL("./sqlite_polling_process.ts", import.meta.url).pathname;
  const permissions = ["--allow-read", `--allow-write=${file},${file}-wal,${file}-shm`];
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, script, file, `${everyMs}`],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  });
  await using reader = command.spawn();
  const input = reader.stdin.getWriter();
  const lines = reader.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(byLine())
    .getReader();
  const next = async (): Promise<number> => Number((await lines.read()).value);
  await next();
  const wakeUpMs: number[] = [];
  for (let n = 0; n < wakeUps; n++) {
    const began = performance.timeOrigin + performance.now();
    insertSynced(table, [value]);
    wakeUpMs.push(await next() - began);
    // Not in step with the reader's clock.
    await pause(pauseMs + Math.random() * pauseMs);
  }
  const cpuMs = async (): Promise<number> => {
    await input.write(new TextEncoder().encode("?"));
    return await next();
  };
  const before = await cpuMs();
  await pause(idleMs);
  const idlePercent = (await cpuMs() - before) / idleMs * 100;
  await input.close();
  await reader.status;
  await lines.cancel();
  table.db.close();
  return { wakeUpMs: spreadOf(wakeUpMs), idlePercent };
}

function byLine(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(text, controller) {
      const found = (rest + text).split("\n");
      rest = found.pop() ?? "";
      for (const line of found) controller.enqueue(line);
    },
  });
}
