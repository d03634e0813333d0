/**
 * The command line on a log in memory that holds a number of records (the first argument): what is
 * tested is the process.
 */
import { openFileLogTools } from "../../adapters/queue/file_log/operate/log_tools.ts";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import { processServices } from "../../src/cli/process_services.ts";
import { runCli } from "../../src/cli/run_cli.ts";
import { loadShopConfig } from "../../src/composition/configuration.ts";
import { logDirectory } from "../../src/composition/operations.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { listenForStopSignals } from "../../src/process/stop_signals.ts";

const [count, ...args] = Deno.args;
const topic = "lr-book-searches";
const log = openMemoryLog({ topics: [topic] });
const value = new TextEncoder().encode("x".repeat(1000));
for (let index = 0; index < Number(count); index++) await log.publish(topic, { value });

using signals = listenForStopSignals(systemClock);
const io = processServices(() => Deno.env.get("INIT_CWD") ?? Deno.cwd());
const code = await runCli(args, {
  loadConfig: (file) => loadShopConfig({ file, env: () => undefined, envFile: "no/.env" }),
  openTelemetry: () => {
    throw new Error("No telemetry");
  },
  openReadModels: () => Promise.reject(new Error("No read models")),
  copyDatabase: () => Promise.resolve([]),
  deadLetterPlaces: () => [],
  openLog: () => Promise.resolve(log),
  openCatalogue: () => Promise.reject(new Error("No catalogue")),
  describeLog: () => ({ processes: "many", place: "the test", shared: [] }),
  logDirectory: ({ mq }) => logDirectory(mq),
  openLogTools: (directory) => openFileLogTools({ directory }),
  doctor: {
    missingPermissions: () => Promise.resolve([]),
    narrowCommand: () => "deno run",
    cautions: () => [],
    probes: () => [],
    openLedger: () => Promise.reject(new Error("No ledger")),
    comparedLog: () => undefined,
  },
  resolvePath: io.resolvePath,
  get stdin() {
    return io.stdin;
  },
  stdout: io.stdout,
  stderr: io.stderr,
  stop: signals.stop,
  clock: systemClock,
});
Deno.exit(code);
