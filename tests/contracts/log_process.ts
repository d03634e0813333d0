/** Another process at a law's log: a real one, that publishes and consumes until it is killed. */
import type { LogPlace } from "./event_log_harness.ts";
import { patience } from "./law.ts";

/** What the process was told before it was killed. */
export interface ToldBefore {
  /** In the order of publishing. */
  readonly accepted: readonly { readonly value: string; readonly offset: bigint }[];
  /** The position that its group had committed, and the end of what it had been given. */
  readonly committed: bigint;
  readonly handedOut: bigint;
}

/** A running process; disposing kills it. */
export interface LogProcess extends AsyncDisposable {
  /** Resolves when it has so many reports, and has made so many commits. */
  has(wanted: { readonly accepted: number; readonly committed: number }): Promise<void>;
  /** Resolves when its consumer has been given that value. */
  hasRead(value: string): Promise<void>;
  /** Ends it without a warning, and tells what it knew. */
  kill(): Promise<ToldBefore>;
}

/**
 * Starts `log_process_main.ts`: it publishes v0, v1, … with one key, and is a member of the group.
 */
export function startLogProcess(
  place: LogPlace,
  names: { readonly topic: string; readonly group: string },
): LogProcess {
  const { door } = place;
  if (door === undefined) throw new Error("The harness has no door for another process");
  const script = new URL("./log_process_main.ts", import.meta.url).pathname;
  const permissions = ["net", "env", "read", "write", "sys"].map((name) => `--allow-${name}`);
  const places = [door.module.href, door.address, names.topic, names.group];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, script, ...places],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();

  const accepted: { value: string; offset: bigint }[] = [];
  const commits: bigint[] = [];
  const read = new Set<string>();
  let handedOut = 0n;
  let ended = false;
  let changed = Promise.withResolvers<void>();

  function note(line: string): void {
    const [what, value = "", offset = "0"] = line.split(" ");
    if (what === "accepted") accepted.push({ value, offset: BigInt(offset) });
    if (what === "read") read.add(value);
    if (what === "handed-out") handedOut = BigInt(value);
    if (what === "committed") commits.push(BigInt(value));
  }

  async function listen(): Promise<void> {
    let rest = "";
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) note(line);
      changed.resolve();
      changed = Promise.withResolvers();
    }
    ended = true;
    changed.resolve();
  }

  async function until(what: string, isThere: () => boolean): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      changed.resolve();
    }, patience.deadlineMs);
    try {
      while (!isThere()) {
        if (late || ended) {
          const why = ended ? "has ended" : `did not do so in ${patience.deadlineMs} ms`;
          throw new Error(
            `Waiting until another process has ${what}: it ${why}, with ${accepted.length} records accepted and ${commits.length} commits`,
          );
        }
        await changed.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  const listening = listen();
  async function end(): Promise<void> {
    if (!ended) child.kill("SIGKILL");
    await Promise.all([listening, child.status]);
  }

  return {
    has: (wanted) =>
      until(
        `${wanted.accepted} reports and ${wanted.committed} commits`,
        () => accepted.length >= wanted.accepted && commits.length >= wanted.committed,
      ),
    hasRead: (value) => until(`read "${value}"`, () => read.has(value)),
    async kill() {
      await end();
      return { accepted, committed: commits.at(-1) ?? 0n, handedOut };
    },
    [Symbol.asyncDispose]: end,
  };
}
