/** What a reader in another process gets, and what it costs. */
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import {
  pacedWakeUps,
  type ReaderProcess,
  startReader,
} from "../adapters/file_log/reader_process.ts";

export interface ReaderFigures {
  /**
   * From the call of `publish` in the writer's process to the record in the reader's hands: the
   * sync included.
   */
  readonly wakeUpMs: { readonly p50: number; readonly p99: number; readonly most: number };
  /** Of a core, in per cent, while nothing comes. */
  readonly idlePercent: number;
  readonly standByPercent: number;
  /** Of a reader's memory, while it follows `followed` records as they are written. */
  readonly grownBytes: number;
  readonly followed: number;
}

const atOnce = 10_000;
const value = new Uint8Array(250).fill(120);

export async function benchReaders(
  directory: string,
  { wakeUps, idleMs, records }: { wakeUps: number; idleMs: number; records: number },
): Promise<ReaderFigures> {
  await using log = await openFileLog({ directory });
  await log.publish("events", { value });
  await using reader = await startReader(directory, "shop");
  await using standing = await startReader(directory, "shop");
  await reader.reached(1);
  const { wakeUpMs } = await pacedWakeUps(log, reader, wakeUps, 10);
  const [idlePercent = NaN, standByPercent = NaN] = await idleCosts([reader, standing], idleMs);
  const before = (await reader.cost()).rssBytes;
  let most = before;
  for (let left = records; left > 0; left -= atOnce) {
    await Promise.all(Array.from({ length: atOnce }, () => log.publish("events", { value })));
    most = Math.max(most, (await reader.cost()).rssBytes);
  }
  await reader.reached(1 + wakeUps + records);
  most = Math.max(most, (await reader.cost()).rssBytes);
  const sorted = wakeUpMs.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return {
    wakeUpMs: { p50: at(0.5), p99: at(0.99), most: at(1) },
    idlePercent,
    standByPercent,
    grownBytes: most - before,
    followed: records,
  };
}

/** Per cent of a core that each of them takes while nothing happens. */
async function idleCosts(
  readers: readonly ReaderProcess[],
  forMs: number,
): Promise<readonly number[]> {
  const costs = () => Promise.all(readers.map((reader) => reader.cost()));
  const [before, began] = [await costs(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const [after, passedMs] = [await costs(), performance.now() - began];
  return after.map(({ cpuMs }, n) => (cpuMs - (before[n]?.cpuMs ?? NaN)) / passedMs * 100);
}

/** Markdown. */
export function describeReaders(figures: ReaderFigures): string {
  const { wakeUpMs, idlePercent, standByPercent, followed, grownBytes } = figures;
  const [p50, p99, most] = [wakeUpMs.p50, wakeUpMs.p99, wakeUpMs.most].map((ms) => ms.toFixed(1));
  return `
Readers in other processes:

- A reader that waited has a record ${p50} ms (median), ${p99} ms (p99), ${most} ms (most) after the writer called \`publish\`, its sync included.
- While nothing comes it takes ${
    idlePercent.toFixed(2)
  } % of a core; a member that stands by in a group ${standByPercent.toFixed(2)} %.
- While it follows ${followed.toLocaleString("en")} records as they are written, it grows by ${
    (grownBytes / 2 ** 20).toFixed(0)
  } MiB.`;
}
