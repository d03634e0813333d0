/** `deno task start`: reads the configuration, opens a shop, serves it, and lets it drain. */
import { firstStartProgress } from "./cli/first_start.ts";
import { ConfigError } from "./config/config_error.ts";
import { processEnvironment } from "./config/environment.ts";
import { missingPermissions } from "./config/permissions.ts";
import { effectiveVisitorSecret } from "./config/visitor_secret.ts";
import { loadShopConfig, neededPermissions } from "./composition/configuration.ts";
import { hasAdmin, openShop } from "./composition/shop.ts";
import { systemClock } from "./ports/clock.ts";
import { escapeControls, escapeControlsInLines } from "./process/escape_controls.ts";
import { drain } from "./process/drain.ts";
import type { LogOutput } from "./process/log_output.ts";
import { configureLogging } from "./process/logging.ts";
import { serve } from "./process/serve.ts";
import { listenForStopSignals } from "./process/stop_signals.ts";
import { version } from "./process/version.ts";

/** For all of the shutdown; what is left then stays in its queue. */
const drainDeadlineMs = 20_000;
/** Of it, for requests: what comes behind them takes up to 15 s. */
const requestsDeadlineMs = 4000;

/** What the shop can answer without begins behind the first answers. */
const behindFirstAnswersMs = 200;

/** For a log that nobody reads at the end. */
const flushLogMs = 500;
let log: LogOutput | undefined;

const help = `Usage: deno task start [options]

Starts the shop. Ctrl-C ends it, after what is under way.

Options:
  --config <file>  the configuration (default: config.yml)
  --version        show the version
  -h, --help       show this text`;

interface StartOptions {
  readonly config?: string;
  readonly version?: boolean;
  readonly help?: boolean;
}

/** The usual forms are read without what takes a third of an empty start to load. */
async function readOptions(args: readonly string[]): Promise<StartOptions> {
  const [name, config = "", ...more] = args;
  if (name === undefined) return {};
  if (name === "--config" && config.startsWith("/") && more.length === 0) return { config };
  const { parseArgs } = await import("node:util");
  const { resolve } = await import("node:path");
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: "string" },
      version: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.config === undefined) return values;
  // `deno task` changes to the project's folder: what a caller names is relative to where they
  // stand.
  return { ...values, config: resolve(Deno.env.get("INIT_CWD") ?? ".", values.config) };
}

async function main(): Promise<boolean> {
  using signals = listenForStopSignals(systemClock);
  // `deno task start -- --config shop.yml`, as other task runners want it.
  const options = await readOptions(Deno.args.filter((argument) => argument !== "--"));
  if (options.help === true || options.version === true) {
    console.log(options.help === true ? help : `shelfcast ${version}`);
    return true;
  }
  const file = options.config ?? "config.yml";
  const config = await loadShopConfig({ file, env: processEnvironment });
  const needed = neededPermissions(config, ["http", "catalogue", "queue", "buffer"]);
  const missing = await missingPermissions(file, needed);
  if (missing.length > 0) throw new ConfigError(missing);

  const reader = Deno.stderr.isTerminal() ? "person" : "machine";
  log = configureLogging(config.log.level, reader, systemClock);
  const progress = firstStartProgress();
  const visitorSecret = await effectiveVisitorSecret(file, config.app);
  const shop = await openShop(config, visitorSecret, {
    clock: systemClock,
    onShelfProgress: progress,
  })
    .finally(progress.stop);
  log.countTo(shop.telemetry);
  const server = serve({
    ...config.app,
    maxConnections: config.app.max_connections,
    probeFile: file,
    fetch: shop.fetch,
    clock: systemClock,
    telemetry: shop.telemetry,
  });
  const { admin } = config.app;
  const adminServer = hasAdmin(config)
    ? serve({ ...admin, fetch: shop.adminFetch, clock: systemClock })
    : undefined;
  console.log(`Listening on ${server.url}`);
  if (adminServer !== undefined) {
    console.log(`Operators find health and metrics on ${adminServer.url}`);
  }
  const cancelBegin = systemClock.after(behindFirstAnswersMs, shop.begin);

  await new Promise<void>((stop) => {
    if (signals.stop.aborted) stop();
    else signals.stop.addEventListener("abort", () => stop(), { once: true });
  });
  cancelBegin();
  shop.turnReadinessOff();
  const finishRequests = () => server.shutdown(requestsDeadlineMs);
  const steps = [
    { name: "finish requests", run: finishRequests },
    ...shop.drainSteps,
    {
      name: "end the operators' listener",
      run: () => adminServer?.shutdown(requestsDeadlineMs) ?? Promise.resolve(),
    },
  ];
  return await drain(steps, { deadlineMs: drainDeadlineMs, clock: systemClock, now: signals.now });
}

let code = 1;
try {
  if (await main()) code = 0;
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const isOurs = error instanceof ConfigError;
  console.error(isOurs ? escapeControlsInLines(message) : escapeControls(message));
}
await log?.flush(flushLogMs);
Deno.exit(code);
