import type { ShelfProgress } from "./shelf_progress.ts";

/**
 * The progress of a start that may be the first: what shows it takes longer to load than a shop to
 * start, and is loaded when there is something to show.
 *
 * @param load Default: shows it on stderr.
 */
export function firstStartProgress(
  load: () => Promise<ShelfProgress> = loadProgress,
): ShelfProgress {
  let last: readonly [loaded: number, total: number] | undefined;
  let progress: ShelfProgress | undefined;
  let isOver = false;

  async function begin(): Promise<void> {
    const loaded = await load();
    progress = loaded;
    if (last !== undefined) loaded(...last);
    if (isOver) loaded.stop();
  }

  const show = (loaded: number, total: number) => {
    const isFirst = last === undefined;
    last = [loaded, total];
    progress?.(loaded, total);
    if (isFirst) void begin();
  };
  return Object.assign(show, {
    stop() {
      isOver = true;
      progress?.stop();
    },
  });
}

async function loadProgress(): Promise<ShelfProgress> {
  const { createShelfProgress }: typeof import("./shelf_progress.ts") = await import(
    import.meta.resolve("./shelf_progress.ts")
  );
  return createShelfProgress();
}
