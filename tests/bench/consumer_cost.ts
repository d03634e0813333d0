/** What consumers inside a shop cost its searches: two shops are asked at one rate, in turn. */
import type { HttpLoad } from "./http_load.ts";
import { samples } from "./samples.ts";
import type { Target } from "./shop_bench.ts";

export interface ConsumerCost {
  /** Searches a second. */
  readonly rate: number;
  /** By the names of the targets, a round each. */
  readonly p50Us: Readonly<Record<string, readonly number[]>>;
  readonly p99Us: Readonly<Record<string, readonly number[]>>;
}

export interface CostPlan {
  readonly rounds: number;
  readonly forMs: number;
  readonly warmUpMs: number;
  /** Searches a second that are wanted; or half of what the machine can. */
  readonly wantedRate: number;
}

/** So many that one that is slow keeps no other from being asked when it is due. */
const connections = 64;

export async function benchConsumerCost(
  load: HttpLoad,
  targets: readonly Target[],
  { rounds, forMs, warmUpMs, wantedRate }: CostPlan,
): Promise<ConsumerCost> {
  const most: number[] = [];
  for (const { url, requests } of targets) {
    await load(url, requests, connections, warmUpMs);
    most.push((await load(url, requests, connections, warmUpMs)).rate);
  }
  const rate = Math.min(wantedRate, Math.round(samples(most).least / 2));
  const p50Us = Object.fromEntries(targets.map(({ name }) => [name, [] as number[]]));
  const p99Us = Object.fromEntries(targets.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, url, requests } of targets) {
      const result = await load(url, requests, connections, forMs, rate);
      p50Us[name]?.push(result.p50Us);
      p99Us[name]?.push(result.p99Us);
    }
  }
  return { rate, p50Us, p99Us };
}
