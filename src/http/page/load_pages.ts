/** All that makes pages: what renders them, and the look. */
type Pages = typeof import("./pages.ts") & typeof import("./stylesheet.ts");

let pages: Promise<Pages> | undefined;

/**
 * Loads it once. A start does not wait for it, as programs are answered without: the shop does when
 * it has begun, and a page that is asked for before waits for its own.
 */
export function loadPages(): Promise<Pages> {
  return pages ??= load().catch((error) => {
    // Told to whoever asked; who asks next tries again.
    pages = undefined;
    throw error;
  });
}

async function load(): Promise<Pages> {
  const [rendering, look]: [typeof import("./pages.ts"), typeof import("./stylesheet.ts")] =
    await Promise.all([
      import(import.meta.resolve("./pages.ts")),
      import(import.meta.resolve("./stylesheet.ts")),
    ]);
  return { ...rendering, ...look };
}
