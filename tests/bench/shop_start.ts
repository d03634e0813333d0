/** How long a shop takes from its process to its first answer. */
import { type ServiceFolder, serviceFolder, startService } from "../e2e/service_process.ts";
import { output } from "./raw_limit.ts";

export interface StartTimes {
  /** The name of a shop; a round each. */
  readonly ms: Readonly<Record<string, readonly number[]>>;
  /** A program that does nothing, from its start to its end. */
  readonly emptyMs: readonly number[];
}

/**
 * Starts shops of these configurations in turn, and an empty program beside them. Their first
 * start, which fills the shelf, does not count.
 */
export async function benchStarts(
  configs: Readonly<Record<string, string>>,
  rounds: number,
): Promise<StartTimes> {
  await using opened = new AsyncDisposableStack();
  const shops: { name: string; folder: ServiceFolder; ms: number[] }[] = [];
  for (const [name, config] of Object.entries(configs)) {
    shops.push({ name, folder: opened.use(await serviceFolder(config)), ms: [] });
  }
  const emptyMs: number[] = [];
  const empty = `${shops[0]?.folder.path}/empty.ts`;
  await Deno.writeTextFile(empty, "");
  for (let round = -1; round < rounds; round++) {
    const began = performance.now();
    await output(Deno.execPath(), ["run", "--no-prompt", empty]);
    if (round >= 0) emptyMs.push(performance.now() - began);
    for (const { folder, ms } of shops) {
      const taken = await startMs(folder);
      if (round >= 0) ms.push(taken);
    }
  }
  return { ms: Object.fromEntries(shops.map(({ name, ms }) => [name, ms])), emptyMs };
}

async function startMs(folder: ServiceFolder): Promise<number> {
  const began = performance.now();
  await using service = await startService(folder);
  const response = await fetch(`${service.url}/api/books?q=dune`);
  await response.body?.cancel();
  if (response.status !== 200) throw new Error(`The first answer is ${response.status}`);
  const taken = performance.now() - began;
  await service.stop();
  return taken;
}
