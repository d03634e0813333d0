/** How long it takes from a search to its row in the trends, seen in their file. */
import { DatabaseSync } from "node:sqlite";
import { pause, systemClock } from "../../src/ports/clock.ts";
import { samplesAt } from "./samples.ts";

export interface TrendDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const lookMs = 2;
const mostMs = 30_000;

/**
 * Asks the shop `count` times, each time for something else, so many a second. @param file Its read
 * models. @throws where a row does not come.
 */
export async function trendDelay(
  url: string,
  file: string,
  { count, perSecond }: { readonly count: number; readonly perSecond: number },
): Promise<TrendDelay> {
  await readModelsOpen(url);
  using database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare("SELECT 1 FROM shelfcast_search_trends WHERE query = ?");
  const encoder = new TextEncoder();
  const askedAt = new Map<string, number>();
  const delaysMs: number[] = [];
  const began = performance.now();

  async function ask(query: string): Promise<void> {
    askedAt.set(query, performance.now());
    const response = await fetch(`${url}/api/books?q=${encodeURIComponent(query)}`);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`Search answered ${response.status}, wanted 200`);
  }

  const asking: Promise<void>[] = [];
  const run = crypto.randomUUID();
  while (delaysMs.length < count) {
    const now = performance.now();
    if (asking.length < count && now >= began + asking.length / perSecond * 1000) {
      asking.push(ask(`the delay ${run} ${asking.length}`));
    }
    for (const [query, at] of askedAt) {
      if (now - at > mostMs) throw new Error(`Trends lack "${query}" after ${mostMs} ms`);
      if (row.get(encoder.encode(query)) === undefined) continue;
      delaysMs.push(performance.now() - at);
      askedAt.delete(query);
    }
    await pause(systemClock, lookMs);
  }
  await Promise.all(asking);
  return { p50Ms: samplesAt(delaysMs, 0.5), p99Ms: samplesAt(delaysMs, 0.99) };
}

/** They open behind the shop's start. */
async function readModelsOpen(url: string): Promise<void> {
  const until = performance.now() + mostMs;
  for (;;) {
    const response = await fetch(`${url}/api/trends`);
    await response.body?.cancel();
    if (response.ok) return;
    if (performance.now() > until) throw new Error(`Trends answer ${response.status}, wanted 200`);
    await pause(systemClock, lookMs);
  }
}
