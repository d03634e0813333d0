/** What repairs keep of damaged files, under names that no log reads. */
import type { DiskFile } from "../disk/disk.ts";
import type { TopicFolder } from "./topic_folder.ts";

const chunkBytes = 1024 * 1024;
const brokenName = /^\d{20}\.segment\.broken(\.\d+)?$/;

/**
 * Keeps a copy of a file, durably. What an earlier repair kept under that name is not written over.
 */
export async function keepCopy(
  { disk, path: directory }: TopicFolder,
  path: string,
  name: string,
): Promise<void> {
  let free = `${directory}/${name}`;
  for (let n = 2; await disk.inode(free) !== undefined; n++) free = `${directory}/${name}.${n}`;
  {
    using source = await disk.open(path, "read");
    using target = await disk.open(free, "create");
    await copy(source, target);
  }
  await disk.syncDirectory(directory);
}

/** What repairs kept of segments, in the order of their offsets. */
export async function brokenCopies({ disk, path: directory }: TopicFolder) {
  const names = (await disk.list(directory)).filter((name) => brokenName.test(name)).toSorted();
  return await Promise.all(names.map(async (name) => {
    const path = `${directory}/${name}`;
    using file = await disk.open(path, "read");
    return { path, bytes: await file.size() };
  }));
}

async function copy(source: DiskFile, target: DiskFile): Promise<void> {
  const size = await source.size();
  const chunk = new Uint8Array(chunkBytes);
  for (let position = 0; position < size; position += chunkBytes) {
    const filled = await source.read(position, chunk);
    const bytes = chunk.subarray(0, filled);
    // What was laid out ahead stays sparse.
    if (bytes.some((byte) => byte !== 0)) await target.write(position, bytes);
  }
  await target.truncate(size);
  await target.sync();
}
