import { createOperatorsApp } from "../http/operators_app.ts";
import type { Metrics } from "../http/routes/metrics.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { type HttpServer, serve } from "../process/serve.ts";
import { version } from "../process/version.ts";
import { watchQueues } from "../use_cases/queue_watch.ts";
import { createReadiness, type WatchedQueues } from "../use_cases/readiness.ts";
import { CommandError } from "./command_error.ts";
import type { Address } from "./option_values.ts";
import type { CliServices } from "./services.ts";

const requestsMs = 1000;

/** Health and metrics of a command that runs on, for operators, until it is disposed of. */
export async function serveOperators(
  { host, port }: Address,
  queues: WatchedQueues,
  { clock, stderr, telemetry, metrics }: Pick<CliServices, "clock" | "stderr"> & {
    readonly telemetry: Telemetry;
    readonly metrics: Metrics;
  },
): Promise<AsyncDisposable> {
  telemetry.gauge("shelfcast.build_info", 1, { version });
  const watch = watchQueues({ queues, clock, telemetry });
  const { degradedSince } = watch;
  const readiness = createReadiness({ queues, degradedSince, version });
  const app = createOperatorsApp({ readiness, metrics });
  let server: HttpServer;
  try {
    server = serve({ host, port, clock, fetch: (request) => app.fetch(request) });
  } catch (error) {
    watch.end();
    const is = `Address "${host}:${port}" of "--admin" cannot be listened on`;
    throw new CommandError(`${is}, wanted a free one of this machine`, { cause: error });
  }
  await stderr.write(`Operators find health and metrics on ${server.url}\n`);
  return {
    async [Symbol.asyncDispose]() {
      watch.end();
      await server.shutdown(requestsMs);
    },
  };
}
