import type { Config } from "../config/schema.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { Clock } from "../ports/clock.ts";
import type { CopiedFile, ReadModels } from "../ports/database_declaration.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { LogGuarantees } from "../ports/log_guarantees.ts";
import type { LogTools } from "../ports/log_tools.ts";
import type { Metrics } from "../http/routes/metrics.ts";
import type { DeadLetterPlace } from "./dead_letter_places.ts";
import type { DoctorServices } from "./doctor_services.ts";

/** What a command opens; `consumers`: a queue and what consumers keep. */
export type ConfigUse = "queue" | "catalogue" | "consumers" | "settings";

/** All that the commands have from outside. */
export interface CliServices {
  /**
   * @param use `settings`: nothing of what the configuration names is opened, so that no right to
   *   do so is needed.
   * @throws {ConfigError}
   */
  loadConfig(file: string, use: ConfigUse): Promise<Config>;
  /** Opens the shelf that the configuration names. */
  openCatalogue(config: Config): Promise<BookCatalogue>;
  /**
   * Opens the log that the configuration names. `publishes`: topics that are published to, and may
   * be made for it.
   */
  openLog(config: Config, options: { readonly publishes: readonly string[] }): Promise<EventLog>;
  /** Opens what consumers keep, in the database that the configuration names. */
  openReadModels(config: Config): Promise<ReadModels>;
  /** Numbers of this process, and how they are read. */
  openTelemetry(): { readonly telemetry: Telemetry; readonly metrics: Metrics };
  /** The logs in which dead letters of this configuration's shop and consumers may lie. */
  deadLetterPlaces(config: Config): readonly DeadLetterPlace[];
  /** What is known of that log without opening it. */
  describeLog(config: Config): DescribedLog;
  /** Where the log is that the configuration keeps in files, whatever `mq.adapter` names. */
  logDirectory(config: Config): string;
  /**
   * The tools for the files of a log in a directory, or of one of its topics. Without a
   * configuration: of the log that has some.
   */
  openLogTools(directory: string, config?: Config): Promise<LogTools>;
  /** Copies the database's files into a folder, or says how else it is done. */
  copyDatabase(
    config: Config,
    folder: string,
  ): Promise<readonly CopiedFile[] | { readonly advice: string }>;
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

/** What is known of a log. */
export interface DescribedLog {
  readonly processes: LogGuarantees["processes"];
  /** Where its records live, as `the memory of the service`. */
  readonly place: string;
  /** The values of `mq.adapter` that name logs which other processes reach. */
  readonly shared: readonly string[];
}

/** A stream that text is written to. */
export interface Output {
  /**
   * Resolves when all is written. @throws {Deno.errors.BrokenPipe} by rejection, when nobody reads
   * any more.
   */
  write(text: string): Promise<void>;
}
