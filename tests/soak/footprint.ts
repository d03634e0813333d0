/** What a process holds, over time: memory and file descriptors, and whether they grow. */

/** At one moment. */
export interface Footprint {
  /** Since the watch began. */
  readonly atMs: number;
  readonly residentBytes: number;
  readonly descriptors: number;
}

export interface FootprintWatch extends AsyncDisposable {
  /** The least of each since the last call: what a round of faults has given back. */
  low(): Promise<Footprint>;
}

/** Deno lets no program read another's /proc without all rights; a shell may. */
const look = 'while :; do sed -n "s/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p" /proc/$0/status; ' +
  "ls /proc/$0/fd | wc -l; sleep 1; done";

/** Looks at a process of this machine (Linux) once a second. */
export function watchFootprint(pid: number): FootprintWatch {
  const began = performance.now();
  const child = new Deno.Command("sh", {
    args: ["-c", look, `${pid}`],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let seen: Footprint[] = [];
  let told = Promise.withResolvers<void>();

  async function read(): Promise<void> {
    let text = "";
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += piece;
      for (let pair = /^(\d+)\n(\d+)\n/.exec(text); pair; pair = /^(\d+)\n(\d+)\n/.exec(text)) {
        const [all, kib, descriptors] = pair;
        const atMs = performance.now() - began;
        seen.push({ atMs, residentBytes: Number(kib) * 1024, descriptors: Number(descriptors) });
        text = text.slice(all.length);
      }
      if (seen.length === 0) continue;
      told.resolve();
      told = Promise.withResolvers();
    }
  }

  const reading = read();
  return {
    async low() {
      await told.promise;
      const least = (of: (footprint: Footprint) => number) => Math.min(...seen.map(of));
      const low = {
        atMs: performance.now() - began,
        residentBytes: least(({ residentBytes }) => residentBytes),
        descriptors: least(({ descriptors }) => descriptors),
      };
      seen = [];
      return low;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
    },
  };
}

/** The line of least squares through what was seen. */
export function slopePerMinute(
  seen: readonly Footprint[],
  of: (footprint: Footprint) => number,
): number {
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const minutes = seen.map(({ atMs }) => atMs / 60_000);
  const values = seen.map(of);
  const [middle, level] = [mean(minutes), mean(values)];
  const across = minutes.reduce((sum, at) => sum + (at - middle) ** 2, 0);
  const along = minutes.reduce((sum, at, n) => sum + (at - middle) * ((values[n] ?? 0) - level), 0);
  return across === 0 ? 0 : along / across;
}

/** What a process that runs for months must not grow by. */
export interface GrowthLimit {
  readonly bytesPerMinute: number;
  readonly descriptorsPerMinute: number;
}

/** What grows faster than it may, in words; undefined: nothing. */
export function growthOf(seen: readonly Footprint[], limit: GrowthLimit): string | undefined {
  const bytes = slopePerMinute(seen, ({ residentBytes }) => residentBytes);
  const descriptors = slopePerMinute(seen, (footprint) => footprint.descriptors);
  if (bytes > limit.bytesPerMinute) return `memory grows by ${mib(bytes)} MiB a minute`;
  if (descriptors > limit.descriptorsPerMinute) {
    return `descriptors grow by ${descriptors.toFixed(2)} a minute`;
  }
  return undefined;
}

export const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);
