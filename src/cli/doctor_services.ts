import type { Config } from "../config/schema.ts";
import type { EventLedger } from "../ports/event_ledger.ts";
import type { EventSource } from "../ports/event_source.ts";
import type { ReadTopicExtent } from "../ports/topic_extent.ts";

/** What `doctor` has from outside. Nothing of it changes anything. */
export interface DoctorServices {
  /** What this process may not, and needs for a shop of this configuration; each with the flag that is wanted. */
  missingPermissions(config: Config): Promise<readonly string[]>;
  /** What a shop of this configuration needs to reach. */
  probes(config: Config): readonly Probe[];
  /** The ledger of the file log in a directory. */
  openLedger(directory: string): Promise<EventLedger>;
  /** What the brokers of the configuration hold. */
  openCluster(config: Config): Promise<OpenCluster>;
}

/** A look at one thing. */
export interface Probe {
  readonly name: string;
  /** Resolves with what was found, in words; rejects with what is wrong. */
  run(): Promise<string>;
}

/** A cluster, to be read. */
export interface OpenCluster {
  /** The caller closes it. */
  readonly source: EventSource;
  readonly readExtent: ReadTopicExtent;
}
