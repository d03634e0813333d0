/** `doctor`: looks at all that a shop needs. */
import type { Config } from "../config/schema.ts";
import type { Probe } from "../ports/adapter_declaration.ts";
import { within } from "../ports/clock.ts";
import { QueueError } from "../ports/queue_error.ts";
import { escapeControls } from "../process/escape_controls.ts";
import { explainError } from "./command_error.ts";
import type { CliServices } from "./services.ts";

/** The options of `doctor`, as the command line gives them. */
export interface DoctorOptions {
  readonly format: "text" | "json";
  /** The configuration, as it was named. */
  readonly config?: string;
}

interface Finding {
  readonly name: string;
  readonly isOk: boolean;
  /** It works, and should not stay so. */
  readonly isCaution?: boolean;
  readonly what: string;
}

/** How long a look may take. */
const deadlineMs = 15_000;

/** Looks at all that a shop needs, all at once. @returns The exit code. */
export async function doctor(
  { format, config: named }: DoctorOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stdout } = services;
  const file = named === undefined ? "config.yml" : services.resolvePath(named);
  const findings: Finding[] = [
    { name: "configuration", isOk: true, what: judged(config) },
    await permissions(config, file, services),
    ...services.doctor.cautions(config).map((what): Finding => {
      return { name: "safety", isOk: true, isCaution: true, what };
    }),
    ...await Promise.all(services.doctor.probes(config).map((probe) => look(probe, services))),
  ];
  if (format === "json") {
    const checks = findings.map(({ name, isOk, isCaution = false, what }) => {
      return { name, ok: isOk, ...(isCaution && { caution: true }), what };
    });
    await stdout.write(`${JSON.stringify({ checks })}\n`);
  } else {
    const lines = findings.map(({ name, isOk, isCaution, what }) =>
      `${isCaution ? "warn" : isOk ? "ok  " : "FAIL"}  ${name.padEnd(13)}  ${
        what.replaceAll("\n", `\n${" ".repeat(21)}`)
      }\n`
    );
    await stdout.write(lines.join(""));
  }
  return findings.every(({ isOk }) => isOk) ? 0 : 1;
}

function judged({ ignored }: Config): string {
  const idle = ignored.map(({ variable, key, adapter }) =>
    `${variable} is set and has no effect, as ${key} is "${adapter}"`
  );
  return ["nothing is wrong with it", ...idle].join("\n");
}

async function permissions(
  config: Config,
  file: string,
  { doctor }: CliServices,
): Promise<Finding> {
  const missing = await doctor.missingPermissions(config);
  return {
    name: "permissions",
    isOk: missing.length === 0,
    what: missing.length === 0
      ? `this process has all that a shop needs, which is: ${doctor.narrowCommand(config, file)}`
      : missing.join("\n"),
  };
}

async function look({ name, run }: Probe, { clock }: CliServices): Promise<Finding> {
  const seen = run().then(
    (what): Finding => ({ name, isOk: true, what }),
    // What else a command could be told does not help here.
    (error): Finding => ({
      name,
      isOk: false,
      what: error instanceof QueueError ? escapeControls(error.message) : explainError(error),
    }),
  );
  const late = (): Finding => ({ name, isOk: false, what: `No answer within ${deadlineMs} ms` });
  return await within(clock, deadlineMs, seen, late);
}
