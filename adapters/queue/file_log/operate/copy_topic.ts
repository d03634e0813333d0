/**
 * A copy of a topic that is in use: what was durable at one moment, and nothing behind it, so that
 * it is a log that was closed. Nobody is held up, and no lock is taken.
 *
 * Groups are read before that moment, so that none is ahead of the records; and files that are
 * being read stay there, whoever takes their names away.
 */
import { type Clock, pause } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { TopicCopy } from "../../../../src/ports/log_tools.ts";
import type { Disk, DiskFile } from "../disk/disk.ts";
import { DiskError } from "../disk/disk_error.ts";
import { segmentName } from "../format/segment_header.ts";
import { openSegment, segmentBases } from "../segments/segment_file.ts";
import {
  type DurableEnd,
  durableFileBytes,
  readDurableEnd,
  writeDurableEnd,
} from "../segments/slots.ts";
import { durablePath, groupPaths, lockPath, type TopicFolder } from "../segments/topic_folder.ts";

const chunkBytes = 1 << 20;

/**
 * @param disk Where the copy goes, which `folder.disk` need not let anybody write.
 * @param to A folder that is made, or has what is left of an attempt that failed.
 * @throws {DiskError} `missing` where a segment was taken away with age before it was opened: then
 *   it can be begun again.
 */
export async function copyTopic(
  folder: TopicFolder,
  disk: Disk,
  to: string,
  clock: Clock,
): Promise<TopicCopy> {
  await disk.makeDirectory(to);
  for (const name of await disk.list(to)) await disk.remove(`${to}/${name}`);
  using opened = new DisposableStack();
  const open = async (base: number) => opened.use(await openSegment(folder, base)).file;

  const early = new Map<number, DiskFile>();
  for (const base of await segmentBases(folder)) early.set(base, await open(base));
  const groups: Contents[] = [];
  for (const path of await groupPaths(folder)) groups.push(await contentsOf(folder, path));
  const end = await durableEnd(folder, early.size, clock);
  const late = (await segmentBases(folder)).filter((base) => !early.has(base));
  for (const base of late) early.set(base, await open(base));

  let bytes = 0;
  const wanted = [...early].filter(([base]) =>
    end !== undefined && base >= (end.begin ?? 0) && base <= end.segment
  );
  for (const [base, source] of wanted.toSorted(([a], [b]) => a - b)) {
    const length = base === end?.segment ? end.bytes : await source.size();
    await copyFile(source, length, disk, `${to}/${segmentName(base)}`);
    bytes += length;
  }
  for (const { name, contents } of groups) await writeFile(disk, `${to}/${name}`, contents);
  await writeFile(disk, `${to}/id`, (await contentsOf(folder, `${folder.path}/id`)).contents);
  await writeFile(disk, `${to}/turn`, new Uint8Array());
  {
    using durable = await disk.open(durablePath(to), "create");
    await durable.write(0, new Uint8Array(durableFileBytes));
    if (end !== undefined) await writeDurableEnd(durable, folder.logId, end);
    await durable.sync();
  }
  // It makes the folder a topic, so it comes last.
  await writeFile(disk, lockPath(to), new Uint8Array());
  await disk.syncDirectory(to);
  return { topic: folder.topic, next: BigInt(end?.next ?? 0), bytes, groups: groups.length };
}

const looks = 10;
const lookMs = 100;

/** Undefined of a topic that has no records yet. A segment is left within milliseconds. */
async function durableEnd(
  folder: TopicFolder,
  segments: number,
  clock: Clock,
): Promise<DurableEnd | undefined> {
  for (let look = 0; look < looks; look++) {
    const end = await readDurableEnd(folder.durable, folder.logId);
    if (end?.moving === false || (end === undefined && segments === 0)) return end;
    await pause(clock, lookMs);
  }
  throw new QueueError(
    "unavailable",
    `Topic "${folder.topic}" does not say how far it is durable, wanted a log that a shop has opened: start one, which mends it`,
  );
}

interface Contents {
  /** In the folder. */
  readonly name: string;
  readonly contents: Uint8Array;
}

async function contentsOf({ disk, path: folder }: TopicFolder, path: string): Promise<Contents> {
  using file = await disk.open(path, "read");
  const contents = new Uint8Array(await file.size());
  await file.read(0, contents);
  return { name: path.slice(folder.length + 1), contents };
}

async function writeFile(disk: Disk, path: string, contents: Uint8Array): Promise<void> {
  using file = await disk.open(path, "create");
  await file.write(0, contents);
  await file.sync();
}

async function copyFile(
  source: DiskFile,
  length: number,
  disk: Disk,
  path: string,
): Promise<void> {
  using target = await disk.open(path, "create");
  const chunk = new Uint8Array(Math.min(chunkBytes, length));
  for (let at = 0; at < length;) {
    const part = chunk.subarray(0, Math.min(chunk.length, length - at));
    const read = await source.read(at, part);
    if (read < part.length) {
      throw new DiskError("failed", `Segment ended early, before "${path}" was whole`);
    }
    await target.write(at, part);
    at += read;
  }
  await target.sync();
}
