/** A file log in a temporary directory, to be damaged and looked at. */
import assert from "node:assert/strict";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import type { FileLogOptions } from "../../adapters/queue/file_log/file_log_options.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import { runCommand } from "./run_command.ts";

export const topic = "events";

export interface StoredLog {
  readonly directory: string;
  /** The topic's folder. */
  readonly folder: string;
  /** The names of the topic's segments, in the order of offsets. */
  segments(): readonly string[];
  open(options?: Partial<FileLogOptions>): Promise<EventLog>;
  /**
   * Publishes so many records, each a batch of its own with its offset as text, and closes the log.
   */
  append(count: number): Promise<void>;
  /** The values that can be read from the start, and the code with which that ended. */
  read(options?: { readonly group?: string }): Promise<{ values: string[]; code: string }>;
  /** Flips a bit of a file. */
  flip(file: string, byte: number): void;
  /** The first byte of a record's value in a segment. */
  placeOf(file: string, value: string): number;
}

/** Calls `work` with a log that is removed afterwards; its segments hold some thirty records. */
export async function withStoredLog(work: (log: StoredLog) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await work(storedLog(directory));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function storedLog(directory: string): StoredLog {
  const folder = `${directory}/${topic}`;
  const open = (options: Partial<FileLogOptions> = {}) =>
    openFileLog({ directory, segmentBytes: 8 * 1024, ...options });
  return {
    directory,
    folder,
    open,
    segments: () =>
      [...Deno.readDirSync(folder)].map(({ name }) => name)
        .filter((name) => name.endsWith(".segment")).toSorted(),
    async append(count) {
      await using log = await open();
      for (let n = 0; n < count; n++) {
        const value = new TextEncoder().encode(`${"-".repeat(50)}value ${n};`);
        await log.publish(topic, { value });
      }
    },
    async read(options = {}) {
      await using log = await open();
      const values: string[] = [];
      const subscription = { from: "earliest", until: "end", ...options } as const;
      try {
        for await (const batch of log.subscribe(topic, subscription)) {
          for (const { value } of batch.records) {
            values.push(new TextDecoder().decode(value!).replaceAll("-", ""));
          }
          if (options.group !== undefined) await batch.commit();
        }
        return { values, code: "read" };
      } catch (error) {
        return { values, code: error instanceof Error && "code" in error ? `${error.code}` : "?" };
      }
    },
    flip(file, byte) {
      const bytes = Deno.readFileSync(`${folder}/${file}`);
      bytes[byte]! ^= 1;
      Deno.writeFileSync(`${folder}/${file}`, bytes);
    },
    placeOf(file, value) {
      const text = new TextDecoder("latin1").decode(Deno.readFileSync(`${folder}/${file}`));
      return text.indexOf(value);
    },
  };
}

/** Runs a sub-command of `log` on the directory; the JSON is that of its only topic. */
export async function logTool(name: string, { directory }: StoredLog, ...args: readonly string[]) {
  const { code, stdout, stderr } = await runCommand(
    ["log", name, directory, "--format", "json", ...args],
  );
  assert.equal(stderr, "");
  return { code, ...JSON.parse(stdout).topics[0] };
}

/** The files of a log with their contents, to see that nothing was changed. */
export function contents({ folder }: StoredLog): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted()
    .map((name) => `${name} ${Deno.readFileSync(`${folder}/${name}`).toBase64()}`);
}
