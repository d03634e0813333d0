/**
 * `backup`: copies the log and the database of a shop, which may run meanwhile, into a folder.
 *
 * The log goes first: what consumers keep is then never behind their positions in it. A folder that
 * bears the name is whole; until it is, it bears another.
 */
import type { Config } from "../config/schema.ts";
import type { CopiedFile } from "../ports/database_declaration.ts";
import type { TopicCopy } from "../ports/log_tools.ts";
import { escapeControls } from "../process/escape_controls.ts";
import { version } from "../process/version.ts";
import { CommandError } from "./command_error.ts";
import type { CliServices } from "./services.ts";

const folderMode = 0o700;
const logFolder = "queue";

/** Copies all that the configuration keeps in files. @returns The exit code. */
export async function backup(
  directory: string,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stdout, stderr, clock } = services;
  const target = services.resolvePath(directory).replace(/(?<=.)\/+$/, "");
  requireEmpty(target);
  const startedAt = new Date(clock.now()).toISOString();
  const partial = `${target}.partial-${startedAt.replaceAll(":", "")}`;
  makeFolder(partial);
  try {
    const log = await copyLog(config, `${partial}/${logFolder}`, services);
    const database = await services.copyDatabase(config, partial);
    const files = "advice" in database ? [] : database;
    for (const { name, original, bytes, holds } of files) {
      await stdout.write(
        escapeControls(`${name}: ${holds}, ${megabytes(bytes)}, from "${original}"`) + "\n",
      );
    }
    if (files.length === 0 && log.topics.length === 0) {
      throw new CommandError(
        "Nothing was copied: there is neither a log nor a database in files, wanted the configuration of a shop that has run",
      );
    }
    writeManifest(partial, { version, startedAt, database: files, log });
    Deno.renameSync(partial, target);
    syncFolder(parentOf(target));
    await stdout.write(escapeControls(`Backup is whole in "${target}"`) + "\n");
    if ("advice" in database) await stderr.write(`${database.advice}\n`);
    for (const fault of log.faults) await stderr.write(`${escapeControls(fault)}\n`);
    return log.faults.length > 0 ? 1 : 0;
  } catch (error) {
    Deno.removeSync(partial, { recursive: true });
    throw error;
  }
}

interface CopiedLog {
  readonly directory: string;
  readonly topics: readonly TopicCopy[];
  /** What could not be copied, or was copied damaged. */
  readonly faults: readonly string[];
}

async function copyLog(config: Config, to: string, services: CliServices): Promise<CopiedLog> {
  const { stdout } = services;
  const directory = services.logDirectory(config);
  const topics: TopicCopy[] = [];
  const faults: string[] = [];
  if (!isThere(directory)) return { directory, topics, faults };
  const tools = await services.openLogTools(directory, config);
  for (const topic of await tools.topics()) {
    const copy = await tools.copy(topic, to);
    topics.push(copy);
    await stdout.write(
      `${logFolder}/${topic}: up to offset ${copy.next}, ${
        megabytes(copy.bytes)
      }, ${copy.groups} groups\n`,
    );
  }
  for (const { path, why, mayBeTopic } of await tools.passedOver()) {
    if (mayBeTopic) faults.push(`Not copied: ${path}, ${why}`);
  }
  if (topics.length === 0) return { directory, topics, faults };
  const copied = await services.openLogTools(to, config);
  for (const { topic } of topics) {
    const { findings } = await copied.verify(topic);
    const bad = findings.filter(({ kind }) => kind === "corrupt").length;
    if (bad > 0) {
      faults.push(
        `Copied as it is: topic ${topic} is damaged in ${bad} places, as log verify tells`,
      );
    }
  }
  syncFolder(to);
  return { directory, topics, faults };
}

const isThere = (path: string): boolean => {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
};

/** @throws {CommandError} where something is there. */
function requireEmpty(target: string): void {
  try {
    const [first] = Deno.readDirSync(target);
    if (first === undefined) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.NotADirectory)) throw error;
  }
  throw new CommandError(
    `Something is in "${target}", wanted a folder that is empty, or none: each backup has a folder of its own`,
    { exitCode: 2 },
  );
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: folderMode, recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`Folder "${path}" cannot be made: ${reason}`, { cause: error });
  }
}

interface Manifest {
  readonly version: string;
  readonly startedAt: string;
  readonly database: readonly CopiedFile[];
  readonly log: CopiedLog;
}

/** For people and scripts: what is in the backup, and where it belongs. */
function writeManifest(folder: string, manifest: Manifest): void {
  const decimal = (_: string, value: unknown) => typeof value === "bigint" ? `${value}` : value;
  using file = Deno.openSync(`${folder}/manifest.json`, { write: true, createNew: true });
  file.writeSync(new TextEncoder().encode(`${JSON.stringify(manifest, decimal, 2)}\n`));
  file.syncSync();
  syncFolder(folder);
}

/** Makes the names in it durable. */
function syncFolder(path: string): void {
  using folder = Deno.openSync(path);
  folder.syncSync();
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash) || "/";
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
