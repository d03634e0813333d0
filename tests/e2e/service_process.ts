/** The service as a process, in a folder of its own. */
import { join } from "node:path";
import assert from "node:assert/strict";
import { endsWithin, type Finished, finished, told } from "../finished_process.ts";

const root = new URL("../../", import.meta.url);
/** For a service to start, and to end: it gives itself 20 s. */
const deadlineMs = 60_000;

/** A folder of its own for one service: its configuration, its data. */
export interface ServiceFolder extends AsyncDisposable {
  readonly path: string;
  readonly configFile: string;
}

/**
 * Writes `config` (YAML) into a new folder; `DIR` in it stands for the folder, `PORT` for a free
 * port.
 */
export async function serviceFolder(config: string): Promise<ServiceFolder> {
  // Inside data/, the only folder that the tasks may write to.
  const data = new URL("data/", root).pathname;
  await Deno.mkdir(data, { recursive: true });
  const path = await Deno.makeTempDir({ dir: data, prefix: "e2e-" });
  const configFile = join(path, "config.yml");
  await Deno.writeTextFile(
    configFile,
    config.replaceAll("DIR", path).replaceAll("PORT", `${freePort()}`),
  );
  return {
    path,
    configFile,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Runs `deno task NAME ARGS` to its end. @param options `cwd`: default: the project. */
export async function runTask(
  name: string,
  args: readonly string[],
  options: {
    readonly stdin?: string | Uint8Array;
    readonly env?: Record<string, string>;
    readonly cwd?: string;
  } = {},
): Promise<Finished> {
  const { cwd = root.pathname } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--config", new URL("deno.json", root).pathname, name, ...args],
    cwd,
    // Tests are a task themselves, and a task within a task keeps the outer one's folder.
    env: { NO_COLOR: "1", INIT_CWD: cwd, ...options.env },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await finished(child, options.stdin === undefined ? {} : { input: options.stdin });
}

/** A running shop. Disposing ends it, by process id, if the test has not. */
export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Resolves when its stderr matches, with what stands in the pattern's first group. */
  logged(pattern: RegExp): Promise<string>;
  /** Sends the signal and gives the exit code and all that it wrote. */
  stop(signal?: Deno.Signal): Promise<Finished>;
}

export interface StartOptions {
  readonly env?: Record<string, string>;
  /**
   * `run`: the task's own command, as production runs it. `task`: through `deno task`. Default:
   * `run`.
   */
  readonly by?: "run" | "task";
  /**
   * The working directory, with which relative paths of a configuration begin; only for `run`.
   * Default: the project's.
   */
  readonly cwd?: string;
  /** What `ulimit -n` allows it. Default: what the test has. */
  readonly descriptors?: number;
  /** For `deno run`, besides the task's own; only for `run`. Default: none. */
  readonly flags?: readonly string[];
}

/** Where the task has ended and what it had started has not. */
function endGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** @throws where it ends before it listens. */
export async function startService(
  folder: ServiceFolder,
  { env = {}, by = "run", cwd, descriptors, flags = [] }: StartOptions = {},
): Promise<ServiceProcess> {
  const [run = "", ...words] = await startCommand(cwd);
  const command = by === "task" ? ["task", "--quiet", "start"] : [run, ...flags, ...words];
  const line = [Deno.execPath(), ...command, "--config", folder.configFile];
  const limit = descriptors === undefined ? "" : `ulimit -n ${descriptors} && `;
  const child = new Deno.Command("sh", {
    args: ["-c", `${limit}exec "$0" "$@"`, ...line],
    cwd: cwd ?? root,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: by === "task",
  }).spawn();
  // A terminal's Ctrl-C, and systemd, reach the task and the shop below it.
  const kill = (signal: Deno.Signal): void =>
    by === "task" ? Deno.kill(-child.pid, signal) : child.kill(signal);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  let ended = false;
  const end = child.status.then(async ({ code }): Promise<Finished> => {
    ended = true;
    return { code, stdout: await stdout.all, stderr: await stderr.all };
  });
  const output = () => told({ stdout: stdout.written(), stderr: stderr.written() });
  const stop = async (signal: Deno.Signal = "SIGTERM"): Promise<Finished> => {
    if (!ended) kill(signal);
    if (await endsWithin(end, deadlineMs)) return await end;
    kill("SIGKILL");
    assert.fail(`the service had not ended ${deadlineMs} ms after ${signal}. ${output()}`);
  };
  const started = Promise.race([stdout.find(/Listening on (http:\S+)/), end]);
  if (!await endsWithin(started, deadlineMs)) {
    kill("SIGKILL");
    assert.fail(`the service did not start in ${deadlineMs} ms. ${output()}`);
  }
  const listening = await started;
  if (!("at" in listening)) {
    assert.fail(`the service did not start: exit code ${listening.code}\n${listening.stderr}`);
  }
  return {
    url: listening.at.replace(/\/$/, ""),
    pid: child.pid,
    logged: async (pattern) => (await stderr.find(pattern)).at,
    stop,
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
      if (by === "task") endGroup(child.pid);
    },
  };
}

/** Resolves when the receipt of the event says so. */
export async function delivered(url: string, id: string, deadlineMs = 20_000): Promise<void> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const receipt = await (await fetch(`${url}/api/events/${id}`)).json();
    if (receipt.status === "delivered") return;
    assert.ok(Date.now() < until, `the receipt says ${JSON.stringify(receipt)}`);
  }
}

/** The words of a task's command, as its shell has them. */
export const unquoted = (command: string): readonly string[] =>
  command.split(" ").map((word) => word.replaceAll("'", ""));

/**
 * What stands behind `deno` in the task `start`.
 *
 * @param cwd Where it is run, if not in the project: its "." is then not the sources' folder.
 */
export async function startCommand(cwd?: string): Promise<readonly string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const [, ...words] = unquoted(tasks.start.command);
  const flags = words.slice(0, -1).map((word) =>
    cwd === undefined ? word : word.replace("--allow-read=.,", `--allow-read=.,${root.pathname},`)
  );
  return [...flags, new URL(words.at(-1) ?? "", root).pathname];
}

function collect(stream: ReadableStream<Uint8Array>) {
  let text = "";
  const waiting: { pattern: RegExp; found: (at: { at: string }) => void }[] = [];
  const look = (): void => {
    for (const { pattern, found } of waiting) {
      const match = pattern.exec(text);
      if (match?.[1] !== undefined) found({ at: match[1] });
    }
  };
  const all = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      look();
    }
    return text;
  })();
  return {
    all,
    written: () => text,
    find(pattern: RegExp): Promise<{ readonly at: string }> {
      return new Promise((found) => {
        waiting.push({ pattern, found });
        look();
      });
    },
  };
}
