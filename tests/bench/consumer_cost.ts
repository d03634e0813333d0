/** What consumers inside a shop cost its searches: two shops are asked at one rate, in turn. */
import type { HttpLoad } from "./http_load.ts";
import { samples } from "./samples.ts";
import { cpuUsOf, type Target } from "./shop_bench.ts";

export interface ConsumerCost {
  /** Searches a second. */
  readonly rate: number;
  /** By the names of the targets. */
  readonly targets: Readonly<Record<string, TargetCost>>;
}

/** A round each. */
export interface TargetCost {
  readonly p50Us: readonly number[];
  readonly p99Us: readonly number[];
  /** Processor time of the shop, all threads of it, a search. */
  readonly cpuUs: readonly number[];
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
  const costs = new Map(
    targets.map(({ name }) => [name, { p50Us: [], p99Us: [], cpuUs: [] } as Costs]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const { name, url, pid, requests } of targets) {
      const before = await cpuUsOf(pid);
      const { p50Us, p99Us, answers } = await load(url, requests, connections, forMs, rate);
      costs.get(name)?.cpuUs.push((await cpuUsOf(pid) - before) / answers);
      costs.get(name)?.p50Us.push(p50Us);
      costs.get(name)?.p99Us.push(p99Us);
    }
  }
  return { rate, targets: Object.fromEntries(costs) };
}

type Costs = Record<keyof TargetCost, number[]>;
