/** The command line: what its commands get of this process, and what they open. */
import { runCli } from "./cli/run_cli.ts";
import { processServices } from "./cli/process_services.ts";
import { backlogProbe } from "./composition/backlogs.ts";
import {
  cautionsOf,
  loadShopConfig,
  neededPermissions,
  type ProcessPart,
  tellIgnored,
} from "./composition/configuration.ts";
import {
  comparedLog,
  logDirectory,
  logFiles,
  openTelemetry,
  probes,
} from "./composition/operations.ts";
import { copyDatabase, openCatalogue } from "./composition/catalogues.ts";
import { openReadModels } from "./composition/consumers.ts";
import { deadLetterPlaces } from "./composition/dead_letter_places.ts";
import { narrowCommand } from "./composition/narrow_command.ts";
import { openQueue, queueNamed, sharedQueues } from "./composition/queues.ts";
import { ConfigError } from "./config/config_error.ts";
import { processEnvironment } from "./config/environment.ts";
import { missingPermissions } from "./config/permissions.ts";
import { systemClock } from "./ports/clock.ts";
import type { LogOutput } from "./process/log_output.ts";
import { configureLogging } from "./process/logging.ts";
import { listenForStopSignals } from "./process/stop_signals.ts";

/** For a log that nobody reads at the end. */
const flushLogMs = 500;
let log: LogOutput | undefined;

/**
 * A command has waited for its answers before it closes: what is left then is told, not waited for.
 */
const closeTimeoutMs = 1000;

using signals = listenForStopSignals(systemClock);
/** As a shell reports a program that SIGINT ended. */
signals.now.addEventListener("abort", () => Deno.exit(130));
const io = processServices(() => Deno.env.get("INIT_CWD") ?? Deno.cwd());

const code = await runCli(Deno.args, {
  async loadConfig(file, use) {
    const config = await loadShopConfig({ file, env: processEnvironment });
    const parts: readonly ProcessPart[] = use === "settings"
      ? []
      : use === "consumers"
      ? ["catalogue", "queue"]
      : [use];
    const missing = await missingPermissions(file, neededPermissions(config, parts));
    if (missing.length > 0) throw new ConfigError(missing);
    log = configureLogging("warning", "person", systemClock);
    // `doctor` has a finding of it, and what looks into files does not ask which queue is chosen.
    if (use === "queue" || use === "consumers") tellIgnored(config);
    return config;
  },
  openCatalogue: (config) => openCatalogue(config, { clock: systemClock }),
  copyDatabase,
  openTelemetry,
  openReadModels: (config) => openReadModels(config, systemClock),
  openLog: ({ mq }, { publishes }) =>
    openQueue(mq, mq.adapter, { topics: publishes, clock: systemClock, closeTimeoutMs }),
  deadLetterPlaces: (config) => deadLetterPlaces(config, { clock: systemClock, closeTimeoutMs }),
  describeLog({ mq }) {
    const { guarantees: { processes }, place } = queueNamed(mq.adapter);
    return { processes, place, shared: sharedQueues };
  },
  logDirectory: ({ mq }) => logDirectory(mq),
  doctor: {
    missingPermissions: async (config) => {
      const needed = neededPermissions(config, ["http", "catalogue", "queue"]);
      const missing = await missingPermissions("", needed);
      return missing.map(({ path, is, wanted }) => `${path} ${is}; wanted ${wanted}`);
    },
    narrowCommand,
    cautions: cautionsOf,
    probes: (config) => [...probes(config, systemClock), backlogProbe(config, systemClock)],
    openLedger: (directory, { mq }) => logFiles(mq).openLedger(directory, systemClock),
    comparedLog: ({ mq }) => comparedLog(mq, systemClock),
  },
  openLogTools: (directory, config) => logFiles(config?.mq).openTools(directory, systemClock),
  resolvePath: io.resolvePath,
  get stdin() {
    return io.stdin;
  },
  stdout: io.stdout,
  stderr: io.stderr,
  stop: signals.stop,
  clock: systemClock,
});
await log?.flush(flushLogMs);
Deno.exit(code);
