/**
 * A shop that is disturbed, and an ordinary client that searches beside it: about as fast as
 * without the disturbance. Measured in turn, in one run; the long form holds the shop to twice the
 * time, in the middle of its rounds, or to a time that nobody notices: on an idle machine a search
 * takes less than to accept a crowd's connections. Beside a crowd that takes the shop's whole core
 * it holds it to a time, as one that waits behind nobody is answered faster than one between others
 * can be.
 */
import assert from "node:assert/strict";
import type { ServiceProcess } from "../e2e/service_process.ts";
import { searcher, type Searches, spread } from "./searcher.ts";

export const isLong = Deno.env.get("SHELFCAST_HOSTILE") === "full";
const [rounds, searches] = isLong ? [7, 120] : [1, 30];
/** In the short form, beside all other tests, only what is far off is a fault. */
const farOffMs = 2000;
/** In the long form, beside a crowd that would have the whole core. */
const betweenOthersMs = 100;
/** In the long form; nobody notices. */
const unnoticedMs = 20;

export const token = "a-token-of-an-operator-of-the-shop";

/** A shop whose operators have a token. */
export const shopConfig = (pageSize: number): string =>
  [
    `app: { port: PORT, page_size: ${pageSize}, operator_token: ${token} }`,
    "db: { sqlite: { file: DIR/shelf.db, read_models_file: DIR/read.db } }",
    "mq: { adapter: file, file: { directory: DIR/queue } }",
  ].join("\n");

const shown = (times: readonly number[]): string => {
  const { p50Ms, p99Ms } = spread(times);
  return `${p50Ms.toFixed(1)}/${p99Ms.toFixed(1)}`;
};

export interface Disturbance {
  readonly name: string;
  /** Whether it takes all that the shop's one thread can do. */
  readonly isSaturating?: boolean;
  /** Whose searches are done beside it. Default: an address of its own. */
  readonly address?: string;
  /** What is done beside the searches; it resolves when it is over. */
  disturb(): Promise<string>;
}

interface Round {
  readonly quiet: Searches;
  readonly during: Searches;
}

/** Disturbs it round by round, and prints what that costs others. */
export async function beside(
  { name, isSaturating = false, address = "127.0.0.7", disturb }: Disturbance,
  shop: ServiceProcess,
): Promise<void> {
  using client = searcher(shop.url, address);
  await client.searches(searches);
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const quiet = await client.searches(searches);
    const disturbed = disturb();
    let isOver = false;
    disturbed.finally(() => isOver = true).catch(() => {});
    // As many as come meanwhile: those behind it would make it look better than it is.
    const during = await client.searches(10, () => isOver);
    const told = await disturbed;
    measured.push({ quiet: spread(quiet), during: spread(during) });
    console.log(
      `${name}: ${quiet.length} searches p50/p99 ${shown(quiet)} ms, beside it ${during.length} ${
        shown(during)
      } ms; ${told}`,
    );
    assert.ok(Math.max(...during) < farOffMs, `A search took ${Math.max(...during)} ms`);
  }
  const inTheMiddle = (of: (round: Round) => number): number => spread(measured.map(of)).p50Ms;
  const ratio = inTheMiddle(({ during, quiet }) => during.p99Ms / quiet.p99Ms);
  const p99Ms = inTheMiddle(({ during }) => during.p99Ms);
  const p50Ms = inTheMiddle(({ during }) => during.p50Ms);
  const p50Ratio = inTheMiddle(({ during, quiet }) => during.p50Ms / quiet.p50Ms);
  console.log(
    `${name}: in the middle p50 ${p50Ms.toFixed(1)} ms, ${p50Ratio.toFixed(2)} times as much; p99 ${
      p99Ms.toFixed(1)
    } ms, ${ratio.toFixed(2)} times`,
  );
  if (!isLong) return;
  if (isSaturating) assert.ok(p99Ms <= betweenOthersMs, `p99 is ${p99Ms} ms`);
  else {
    assert.ok(
      ratio <= 2 || p99Ms <= unnoticedMs,
      `p99 is ${p99Ms} ms, ${ratio.toFixed(2)} times as much, wanted at most twice`,
    );
  }
}

/** Deno lets no program read another's /proc without all rights; cat may. */
export async function rssMib({ pid }: ServiceProcess): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/status`] }).output();
  const status = new TextDecoder().decode(stdout);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** The disk has done nothing wrong: no line says so without saying that it is the event loop. */
export function assertBlame(stderr: string): void {
  const lines = stderr.split("\n").filter((line) => /The disk, or another process/.test(line));
  for (const line of lines) assert.match(line, /The event loop is saturated/);
}
