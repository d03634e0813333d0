/** Runs a command in this process, with all that it touches in a test's hands. */
import { runCli } from "../../src/cli/run_cli.ts";
import type { CliServices } from "../../src/cli/services.ts";
import { loadShopConfig } from "../../src/composition/configuration.ts";
import { logDirectory } from "../../src/composition/operations.ts";
import { systemClock } from "../../src/ports/clock.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import { openPrometheusTelemetry } from "../../adapters/telemetry/prometheus.ts";
import { openFileLogLedger } from "../../adapters/queue/file_log/operate/log_ledger.ts";
import { openFileLogTools } from "../../adapters/queue/file_log/operate/log_tools.ts";
import { endsWithin, type Finished, told } from "../finished_process.ts";

const deadlineMs = 60_000;

/** A command that runs: what it has written so far, and its end. */
export interface RunningCommand {
  readonly written: { readonly stdout: string; readonly stderr: string };
  readonly result: Promise<Finished>;
  /** As Ctrl-C does. */
  stop(): void;
}

export interface Surroundings extends Partial<Omit<CliServices, "stdin" | "stop">> {
  /** What stands in for the queue; the command closes it. */
  readonly log?: EventLog;
  /** Text or chunks of bytes; default: empty. */
  readonly stdin?: string | ReadableStream<Uint8Array>;
}

/** Starts a command on a log that the test holds, as if it were shared with other processes. */
export function startCommand(args: readonly string[], given: Surroundings = {}): RunningCommand {
  const { log, stdin = "", ...services } = given;
  const written = { stdout: "", stderr: "" };
  const stop = new AbortController();
  const output = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text;
      return Promise.resolve();
    },
  });
  const code = runCli(args, {
    loadConfig: (file) => loadShopConfig({ file, env: () => undefined, envFile: "no/.env" }),
    openLog: () => log === undefined ? Promise.reject(new Error("No log")) : Promise.resolve(log),
    openCatalogue: () => Promise.reject(new Error("No catalogue")),
    copyDatabase: () => Promise.resolve([]),
    openTelemetry() {
      const telemetry = openPrometheusTelemetry();
      return { telemetry, metrics: telemetry };
    },
    openReadModels: () => Promise.reject(new Error("No read models")),
    deadLetterPlaces: () =>
      log === undefined ? [] : [{ name: "test", open: () => Promise.resolve(log) }],
    describeLog: () => ({ processes: "many", place: "the test", shared: [] }),
    logDirectory: ({ mq }) => logDirectory(mq),
    openLogTools: (directory) => openFileLogTools({ directory }),
    doctor: {
      missingPermissions: () => Promise.resolve([]),
      narrowCommand: () => "deno run",
      cautions: () => [],
      probes: () => [],
      openLedger: (directory) => Promise.resolve(openFileLogLedger({ directory })),
      comparedLog: () => undefined,
    },
    resolvePath: (path) => path,
    stdin: typeof stdin === "string" ? new Blob([stdin]).stream() : stdin,
    stdout: output("stdout"),
    stderr: output("stderr"),
    stop: stop.signal,
    clock: systemClock,
    ...services,
  });
  const result = endsWithin(code, deadlineMs).then(async (isOver) => {
    if (isOver) return { code: await code, ...written };
    stop.abort();
    throw new Error(`"${args.join(" ")}" had not ended after ${deadlineMs} ms. ${told(written)}`);
  });
  return { written, result, stop: () => stop.abort() };
}

/** Runs a command to its end. */
export function runCommand(args: readonly string[], given?: Surroundings): Promise<Finished> {
  return startCommand(args, given).result;
}

/** A log that several commands use one after the other: closing it does nothing. */
export function kept(log: EventLog): EventLog {
  return {
    publish: log.publish.bind(log),
    subscribe: log.subscribe.bind(log),
    groups: log.groups,
    health: log.health.bind(log),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Waits until the condition holds; fails after `budgetMs`, by default thirty seconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  budgetMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + budgetMs;
  while (!await condition()) {
    if (performance.now() > deadline) throw new Error(`Still not: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
