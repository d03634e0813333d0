import type { Clock } from "../../../../src/ports/clock.ts";

/** Whether `work` has settled, in whatever way, when `budgetMs` have passed; resolves as soon as that is known. */
export async function settlesWithin(
  work: Promise<unknown> | undefined,
  budgetMs: number,
  clock: Clock,
): Promise<boolean> {
  let cancel = (): void => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(budgetMs, () => resolve(false));
  });
  const settled = Promise.allSettled([work]).then(() => true);
  const result = await Promise.race([settled, late]);
  cancel();
  return result;
}
