import type { Config } from "../config/schema.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { LogGuarantees } from "../ports/log_guarantees.ts";
import type { LogTools } from "../ports/log_tools.ts";
import type { DoctorServices } from "./doctor_services.ts";

/** All that the commands have from outside. */
export interface CliServices {
  /**
   * @param use `settings`: nothing of what the configuration names is opened, so that no right to do so is needed.
   * @throws {ConfigError}
   */
  loadConfig(file: string, use: "queue" | "settings"): Promise<Config>;
  /** Opens the log that the configuration names. `publishes`: topics that are published to, and may be made for it. */
  openLog(config: Config, options: { readonly publishes: readonly string[] }): Promise<EventLog>;
  /** What that log guarantees, without opening it. */
  guarantees(config: Config): Promise<LogGuarantees>;
  /** The tools for the files of the file log in a directory, or of one of its topics. */
  openLogTools(directory: string): Promise<LogTools>;
  readonly doctor: DoctorServices;
  /** The absolute path of one that was given on the command line. */
  resolvePath(path: string): string;
  readonly stdin: ReadableStream<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted when the user wants to stop. */
  readonly stop: AbortSignal;
  readonly clock: Clock;
}

/** A stream that text is written to. */
export interface Output {
  /** Resolves when all is written. @throws {Deno.errors.BrokenPipe} by rejection, when nobody reads any more. */
  write(text: string): Promise<void>;
}
