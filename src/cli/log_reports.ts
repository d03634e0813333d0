/**
 * `log inspect`, `verify`, `repair` and `release`: a report over the topics of a log, for people or
 * as one JSON object.
 */
import type {
  LogTools,
  PassedOver,
  ReleaseReport,
  RepairReport,
  TopicInspection,
  TopicVerdict,
} from "../ports/log_tools.ts";
import { QueueError } from "../ports/queue_error.ts";
import { explainError } from "./command_error.ts";
import {
  formatInspection,
  formatPassedOver,
  formatRelease,
  formatRepair,
  formatVerdict,
} from "./format_log.ts";
import type { CliServices } from "./services.ts";

export interface LogOptions {
  readonly format: "text" | "json";
  /** Of `repair` and `release`: do it. */
  readonly yes?: boolean;
}

/** A log and those of its topics that are looked at. */
export interface LogPlace {
  readonly tools: LogTools;
  readonly topics: readonly string[];
  /** What stands beside them. */
  readonly passedOver: readonly PassedOver[];
}

/** @returns The exit code. */
export function inspectLog(
  place: LogPlace,
  { format }: LogOptions,
  services: CliServices,
): Promise<number> {
  return report(place, format, services, {
    look: (topic) => place.tools.inspect(topic),
    isHealthy: ({ segments }: TopicInspection) => segments.every((s) => s.state !== "unreadable"),
    text: (inspection) => formatInspection(inspection, services.clock.now()),
  });
}

/** @returns The exit code. */
export function verifyLog(
  place: LogPlace,
  { format }: LogOptions,
  services: CliServices,
): Promise<number> {
  return report(place, format, services, {
    look: (topic) => place.tools.verify(topic),
    isHealthy: ({ findings }: TopicVerdict) => findings.every(({ kind }) => kind !== "corrupt"),
    text: formatVerdict,
  });
}

/** @returns The exit code. */
export function repairLog(
  place: LogPlace,
  { format, yes = false }: LogOptions,
  services: CliServices,
): Promise<number> {
  return report(place, format, services, {
    look: (topic) => place.tools.repair(topic, { dryRun: !yes }),
    // What no step mends is left.
    isHealthy: ({ lost, steps }: RepairReport) => lost.length === 0 || (yes && steps.length > 0),
    text: (done) => formatRepair(done, yes),
  });
}

/** @returns The exit code: 1 where there is no such group. */
export async function releaseGroup(
  place: LogPlace,
  group: string,
  { format, yes = false }: LogOptions,
  services: CliServices,
): Promise<number> {
  let isKnown = false;
  const code = await report(place, format, services, {
    async look(topic) {
      const done: ReleaseReport = await place.tools.release(topic, group, { dryRun: !yes });
      isKnown ||= done.found !== undefined;
      return done;
    },
    isHealthy: () => true,
    text: (done) => formatRelease(done, yes),
  });
  return isKnown ? code : 1;
}

interface Reporting<T> {
  look(topic: string): Promise<T>;
  isHealthy(seen: T): boolean;
  text(seen: T): string;
}

/** What cannot be looked at keeps nobody from seeing the others. */
async function report<T extends { readonly topic: string }>(
  { topics, passedOver }: Omit<LogPlace, "tools">,
  format: LogOptions["format"],
  { stdout, stderr }: CliServices,
  { look, isHealthy, text }: Reporting<T>,
): Promise<number> {
  let code = passedOver.some(({ mayBeTopic }) => mayBeTopic) ? 1 : 0;
  const seen: (T | { readonly topic: string; readonly error: string })[] = [];
  for (const topic of topics) {
    try {
      const found = await look(topic);
      if (!isHealthy(found)) code = 1;
      seen.push(found);
      if (format === "text") await stdout.write(text(found));
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      code = 1;
      seen.push({ topic, error: error.message });
      if (format === "text") await stderr.write(`${explainError(error)}\n`);
    }
  }
  if (format === "json") {
    await stdout.write(`${JSON.stringify({ topics: seen, passedOver }, decimal)}\n`);
  } else {
    for (const entry of passedOver) {
      await (entry.mayBeTopic ? stderr : stdout).write(formatPassedOver(entry));
    }
  }
  return code;
}

/** Offsets are decimal strings: a JSON number does not hold them all. */
const decimal = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;
