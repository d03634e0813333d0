/** Starting `loaded_process.ts`, and judging what it left against what it said. */
import assert from "node:assert/strict";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";

export interface Said {
  /** Name → offset. */
  readonly accepted: ReadonlyMap<string, string>;
  /** Name → code. */
  readonly refused: ReadonlyMap<string, string>;
  /** The longest time in which its event loop did nothing; 0 where it was killed. */
  readonly stallMs: number;
}

export interface LoadOptions {
  readonly directory: string;
  readonly writer: string;
  readonly count: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Killed by SIGKILL when it has said so many lines. Default: never. */
  readonly killAfterLines?: number;
}

/** What the process said until its end, whole lines only. */
export async function runUnderLoad(options: LoadOptions): Promise<Said> {
  const { directory, writer, count, env = {}, killAfterLines = Infinity } = options;
  const script = new URL("./loaded_process.ts", import.meta.url).pathname;
  const permissions = ["--allow-read", `--allow-write=${directory}`];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, script, directory, writer, `${count}`],
    env: { ...env },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  let lines = 0;
  let isKilled = false;
  const decoder = new TextDecoder();
  for await (const bytes of child.stdout) {
    output += decoder.decode(bytes, { stream: true });
    lines += bytes.filter((byte) => byte === 10).length;
    if (lines < killAfterLines || isKilled) continue;
    isKilled = true;
    child.kill("SIGKILL");
  }
  const { success, signal } = await child.status;
  assert.ok(isKilled ? signal === "SIGKILL" : success, `process ended with ${signal ?? "a fault"}`);
  const said = output.split("\n").slice(0, -1).map((line) => line.split(" "));
  const of = (sign: string) =>
    new Map(said.flatMap(([s, name, what]) => s === sign ? [[name ?? "", what ?? ""]] : []));
  return { accepted: of("+"), refused: of("-"), stallMs: Number(of("=").get("stall") ?? 0) };
}

/** Accepted records that are not in the log at their offset, in the log's present state. */
export async function missingFrom(
  directory: string,
  accepted: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  await using log = await openFileLog({ directory });
  const found = new Map<string, string>();
  for await (const batch of log.subscribe("events", { from: "earliest", until: "end" })) {
    for (const { offset, value } of batch.records) {
      const name = new TextDecoder().decode(value ?? new Uint8Array(0)).trimEnd();
      assert.ok(!found.has(name), `${name} stands twice`);
      found.set(name, `${offset}`);
    }
  }
  return [...accepted].flatMap(([name, offset]) => found.get(name) === offset ? [] : [name]);
}

/** How many segments the log has. */
export function segmentsIn(directory: string): number {
  return [...Deno.readDirSync(`${directory}/events`)]
    .filter(({ name }) => name.endsWith(".segment")).length;
}
