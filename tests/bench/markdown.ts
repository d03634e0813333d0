/** How what was measured is printed, ready for docs/performance.md. */
import type { Samples } from "./samples.ts";

export const thousands = (rate: number): string => `${(rate / 1000).toFixed(rate < 1e5 ? 1 : 0)} k`;

export const withSpread = ({ median, least, most }: Samples): string =>
  `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;

export function row(...cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

export function head(...titles: readonly string[]): void {
  row(...titles);
  row(...titles.map(() => "---"));
}

/** When and on what. */
export function machine(): string {
  const gigabytes = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  const hardware = `${navigator.hardwareConcurrency} cores (${Deno.build.arch}), ${gigabytes} GiB`;
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${hardware}, Linux ${Deno.osRelease()}, Deno ${Deno.version.deno}`;
}
