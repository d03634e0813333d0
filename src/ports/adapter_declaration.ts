import type { NeededPermission } from "./needed_permission.ts";
import type { Settings, Values } from "./setting.ts";

/**
 * What the program knows of an adapter before it is chosen, as data in a light file of the
 * adapter's own folder (`declaration.ts`) that loads no client library. Configuration, permissions,
 * `doctor` and messages are made of it: nothing under `src` asks which adapter it is. What opens
 * something imports the adapter then, not before.
 */
export interface AdapterDeclaration<
  Section extends Settings = Settings,
  Beside extends Settings = Settings,
> {
  /**
   * The keys of the section with the adapter's name, `mq.NAME` or `db.NAME`; none: there is no such
   * section.
   */
  readonly section: Section;
  /**
   * Keys of its own that stand beside that section, as `mq.brokers` and `db.host` do. Default:
   * none.
   */
  readonly beside?: Beside;
  /** A file that names no adapter, but has this key of `beside`, means this one. */
  readonly chosenBy?: keyof Beside & string;
  /** Environment variables that are defaults of keys. */
  readonly environment?: Readonly<Record<string, keyof (Section & Beside) & string>>;
  /**
   * What single values cannot show: keys that need each other. Asked only where the adapter is
   * chosen.
   */
  findFaults?(values: Values<Section> & Values<Beside>): Iterable<SettingFault>;
  /** What the process must be allowed. */
  permissions(values: Values<Section> & Values<Beside>): readonly NeededPermission[];
  /**
   * What works and should not stay so: credentials that go in plain text, files that others may
   * read. Told at start and by `doctor`. Default: nothing.
   */
  cautions?(values: Values<Section> & Values<Beside>): Iterable<string>;
  /** What the start says of it in the log; nothing secret. Default: nothing. */
  facts?(values: Values<Section> & Values<Beside>): Readonly<Record<string, unknown>>;
}

/** What is wrong with a key of an adapter. */
export interface SettingFault {
  /** Its name. */
  readonly key: string;
  /** What is, as a predicate; never a secret. */
  readonly is: string;
  /** What is wanted, as a noun. */
  readonly wanted: string;
}

/** A look at one thing, for `doctor`. */
export interface Probe {
  /** What is looked at. */
  readonly name: string;
  /** Changes nothing. Resolves with what was found, in words; rejects with what is wrong. */
  run(): Promise<string>;
}
