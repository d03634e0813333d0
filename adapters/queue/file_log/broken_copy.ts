import type { DiskFile } from "./disk.ts";
import { segmentPath } from "./segment_tail.ts";
import type { TopicFolder } from "./topic_folder.ts";

const chunkBytes = 1024 * 1024;

/** Keeps a damaged segment as it is, under a name that no log reads, durably. */
export function keepBroken(
  folder: TopicFolder,
  { base, file: name }: { readonly base: number; readonly file: string },
) {
  return {
    what: `Keep ${name} as it is as ${name}.broken`,
    async run(): Promise<void> {
      const { disk, path } = folder;
      const source = await disk.open(segmentPath(folder, base), "read");
      try {
        const target = await disk.open(await freePath(folder, `${path}/${name}.broken`), "create");
        try {
          await copy(source, target);
        } finally {
          target.close();
        }
      } finally {
        source.close();
      }
      await disk.syncDirectory(path);
    },
  };
}

/** What an earlier repair kept is not written over. */
async function freePath({ disk }: TopicFolder, path: string): Promise<string> {
  let free = path;
  for (let n = 2; await disk.inode(free) !== undefined; n++) free = `${path}.${n}`;
  return free;
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
