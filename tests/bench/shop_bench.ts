/** What is asked of shops and of their raw limits, in turn. */
import { readStarterShelf } from "../../adapters/database/starter_shelf/starter_shelf.ts";
import { getRequest, type HttpLoad } from "./http_load.ts";
import { output } from "./raw_limit.ts";
import { type Samples, samples } from "./samples.ts";

/** A server, and what is asked of it. */
export interface Target {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly requests: readonly string[];
}

export interface TargetResult {
  /** Answers a second, a round each. */
  readonly rates: readonly number[];
  /** The median round's. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Processor time of the server, all threads of it; a round each. */
  readonly cpuUs: readonly number[];
}

export interface LoadPlan {
  readonly connections: number;
  readonly rounds: number;
  readonly forMs: number;
  /** A shop runs for days: what is measured is code that has been compiled. */
  readonly warmUpMs: number;
}

/** In turn, so that all meet the same machine. */
export async function benchTargets(
  load: HttpLoad,
  targets: readonly Target[],
  { connections, rounds, forMs, warmUpMs }: LoadPlan,
): Promise<ReadonlyMap<string, TargetResult>> {
  for (const { url, requests } of targets) await load(url, requests, connections, warmUpMs);
  const results = targets.map(() => ({ rates: [], p50: [], p99: [], cpu: [] } as Rounds));
  for (let round = 0; round < rounds; round++) {
    for (const [n, { url, pid, requests }] of targets.entries()) {
      const before = await cpuUsOf(pid);
      const { rate, p50Us, p99Us, answers } = await load(url, requests, connections, forMs);
      results[n]?.cpu.push((await cpuUsOf(pid) - before) / answers);
      results[n]?.rates.push(rate);
      results[n]?.p50.push(p50Us);
      results[n]?.p99.push(p99Us);
    }
  }
  return new Map(targets.map(({ name }, n) => {
    const { rates, p50, p99, cpu } = results[n] ?? { rates: [], p50: [], p99: [], cpu: [] };
    const [p50Us, p99Us] = [samples(p50).median, samples(p99).median];
    return [name, { rates, p50Us, p99Us, cpuUs: cpu }];
  }));
}

type Rounds = Record<"rates" | "p50" | "p99" | "cpu", number[]>;

/**
 * What a process has taken of all processors, as Linux counts it, in hundredths of a second. A
 * program reads it, because Deno wants every permission for that.
 */
export async function cpuUsOf(pid: number): Promise<number> {
  const [, after = ""] = (await output("cat", [`/proc/${pid}/stat`])).split(") ");
  const fields = after.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Round by round. */
export function ratioOf(one: TargetResult, other: TargetResult): Samples {
  return samples(one.rates.map((rate, round) => rate / (other.rates[round] ?? NaN)));
}

/**
 * The same by what an answer takes of the processor, of both medians: others who use the machine
 * disturb that less.
 */
export function cpuRatioOf(one: TargetResult, other: TargetResult): number {
  return samples(other.cpuUs).median / samples(one.cpuUs).median;
}

/** So many words of titles of the starter shelf, drawn by lot, always the same. */
export function titleWords(count: number): readonly string[] {
  const words = new Set<string>();
  for (const { title } of readStarterShelf()) {
    for (const [word] of title.matchAll(/[A-Za-z]{3,}/g)) words.add(word.toLowerCase());
  }
  const all = [...words].sort();
  // A prime step goes through them all, in no order that a title has.
  return Array.from({ length: Math.min(count, all.length) }, (_, n) => all[n * 7919 % all.length]!);
}

/**
 * Parts of words that stand in more titles than fit on a page, no two of them the same question:
 * more than a shop keeps pages of.
 */
export function partsOfWords(count: number): readonly string[] {
  const titles = new Map<string, number>();
  for (const { title } of readStarterShelf()) {
    const parts = new Set<string>();
    for (const [word] of title.toLowerCase().matchAll(/[a-z]{3,}/g)) {
      for (let from = 0; from + 3 <= word.length; from++) {
        for (let to = from + 3; to <= word.length; to++) parts.add(word.slice(from, to));
      }
    }
    for (const part of parts) titles.set(part, (titles.get(part) ?? 0) + 1);
  }
  const all = [...titles].filter(([, books]) => books > 10).map(([part]) => part).sort();
  return Array.from({ length: Math.min(count, all.length) }, (_, n) => all[n * 7919 % all.length]!);
}

/** Those that fill a page, with the answer of one of them that is of middling length. */
export async function fullPages(
  url: string,
  words: readonly string[],
  pageSize: number,
): Promise<{ readonly words: readonly string[]; readonly answer: StaticAnswer }> {
  const full: { word: string; answer: StaticAnswer }[] = [];
  for (const word of words) {
    const answer = await answerOf(`${url}/api/books?q=${word}`);
    if (JSON.parse(answer.body).length === pageSize) full.push({ word, answer });
  }
  const byLength = full.toSorted((a, b) => a.answer.body.length - b.answer.body.length);
  const middling = byLength[Math.floor(byLength.length / 2)];
  if (middling === undefined) throw new Error("No word fills a page");
  return { words: full.map(({ word }) => word), answer: middling.answer };
}

export const searches = (
  words: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): readonly string[] => words.map((word) => getRequest(`/api/books?q=${word}`, headers));

/** The bytes of an answer, to be given again. */
export interface StaticAnswer {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export async function answerOf(url: string): Promise<StaticAnswer> {
  const response = await fetch(url);
  const headers = Object.fromEntries(response.headers);
  // The server's own.
  for (const name of ["date", "content-length", "vary"]) delete headers[name];
  return { body: await response.text(), headers };
}

/** A server as a process of its own, which prints its port. */
export interface BenchServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Whatever is asked, it gives that answer. */
export function startStatic(answer: StaticAnswer): Promise<BenchServer> {
  return startServer("static_server_process.ts", [], JSON.stringify(answer));
}

export async function startServer(
  script: string,
  args: readonly string[],
  input = "",
): Promise<BenchServer> {
  const path = new URL(script, import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-env",
      "--allow-read",
      "--allow-sys",
      path,
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: port } = await output.read();
  if (port === undefined) throw new Error(`${script} did not start`);
  return {
    url: `http://127.0.0.1:${port.trim()}`,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await output.cancel();
      await child.status;
    },
  };
}
