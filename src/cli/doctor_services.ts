import type { Config } from "../config/schema.ts";
import type { Probe } from "../ports/adapter_declaration.ts";
import type { EventLedger } from "../ports/event_ledger.ts";
import type { ComparedLog } from "../ports/queue_declaration.ts";

/** What `doctor` has from outside. Nothing of it changes anything. */
export interface DoctorServices {
  /**
   * What this process may not, and needs for a shop of this configuration; each with the flag that
   * is wanted.
   */
  missingPermissions(config: Config): Promise<readonly string[]>;
  /** The command line that gives a shop of this configuration no more than it needs. */
  narrowCommand(config: Config, file: string): string;
  /** What works and should not stay so. */
  cautions(config: Config): readonly string[];
  /** What a shop of this configuration needs to reach. */
  probes(config: Config): readonly Probe[];
  /** The ledger of the log that is kept in files of that directory. */
  openLedger(directory: string, config: Config): Promise<EventLedger>;
  /** Where events end that were forwarded; undefined where they end on this machine. */
  comparedLog(config: Config): RemoteLog | undefined;
}

/** A log on other machines. */
export interface RemoteLog {
  /** Where it is, for messages. */
  readonly address: string;
  open(): Promise<ComparedLog>;
}
