/**
 * A memory log with a file under it, which real processes open: whoever opens it takes over what
 * the file holds. Honest, it writes every record and every commit before it says so. It lies where
 * it leaves some of that for closing: whoever is killed never closes.
 */
import { openMemoryLog } from "../../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { EventLogHarness, OpenDoor } from "../event_log_harness.ts";
import { batching, distort } from "./distort.ts";
import { guarantees } from "./handles.ts";

/** What is written at once; the rest is written by closing. */
export type Written = "all" | "records" | "nothing";

interface Line {
  readonly topic: string;
  /** Of a record: hexadecimal; of a commit there is none. */
  readonly value?: string;
  readonly group?: string;
  readonly position?: string;
}

async function openSnapshot(file: string, written: Written): Promise<EventLog> {
  const memory = openMemoryLog();
  const kept: Line[] = [];
  const keep = (line: Line, isWritten: boolean): void => {
    if (isWritten) append(file, [line]);
    else kept.push(line);
  };
  for (const line of linesOf(file)) await restore(memory, line);

  const commits = (topic: string, group: string | undefined) =>
    batching((batch) => ({
      ...batch,
      async commit(through = batch.records.at(-1)!.offset) {
        await batch.commit(through);
        const line = { topic, group: group ?? "", position: `${through + 1n}` };
        keep(line, written === "all");
      },
    }));
  return distort(memory, {
    async publish(honest, topic, record, options) {
      const report = await honest(topic, record, options);
      keep({ topic, value: record.value?.toHex() ?? "" }, written !== "nothing");
      return report;
    },
    subscribe: (honest, topic, options) =>
      commits(topic, options.group).subscribe!(honest, topic, options),
    close(honest) {
      append(file, kept.splice(0));
      return honest();
    },
  });
}

function linesOf(file: string): readonly Line[] {
  try {
    return Deno.readTextFileSync(file).split("\n").slice(0, -1).map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

function append(file: string, lines: readonly Line[]): void {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  Deno.writeTextFileSync(file, text, { append: true });
}

async function restore(memory: EventLog, { topic, value, group, position }: Line): Promise<void> {
  if (value !== undefined) {
    await memory.publish(topic, { key: "k", value: Uint8Array.fromHex(value) });
    return;
  }
  // The position of a group without one is where its first member starts; a later one is committed
  // by that member.
  const offset = BigInt(position ?? "0") - 1n;
  const options = { ...(group !== undefined && { group }), from: "earliest" } as const;
  for await (const batch of memory.subscribe(topic, { ...options, maxRecords: 1 })) {
    await batch.commit();
    if (batch.records[0]!.offset >= offset) break;
  }
}

export const openDoor: OpenDoor = (address) => {
  const [written = "", file = ""] = address.split(/ (.*)/);
  return openSnapshot(file, written as Written);
};

/** A place whose processes write so much before they are told to end. */
export function snapshotHarness(written: Written): EventLogHarness {
  return {
    guarantees: { ...guarantees, processes: "one" },
    async prepare() {
      const folder = await Deno.makeTempDir({ prefix: "snapshot_" });
      const file = `${folder}/log`;
      return {
        open: () => openSnapshot(file, written),
        door: { module: new URL(import.meta.url), address: `${written} ${file}` },
        topic: (stem) => stem,
        group: (stem) => stem,
        [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
      };
    },
  };
}
