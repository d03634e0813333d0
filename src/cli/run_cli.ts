import { type Command, CommanderError } from "commander";
import { version } from "../process/version.ts";
import { CommandError, explainError } from "./command_error.ts";
import { createProgram } from "./program.ts";
import type { CliServices } from "./services.ts";
import { untilClosed, withPrintableOutputs } from "./until_closed.ts";

/** The exit code of a command line that is wrong. */
const usageCode = 2;

/**
 * Runs one command.
 *
 * @param args The command's name and what follows it.
 * @returns The exit code: 0; 1 where something went wrong, told on stderr; 2 where the command line
 *   is wrong.
 */
export async function runCli(args: readonly string[], given: CliServices): Promise<number> {
  const services = withPrintableOutputs(given);
  const written = { stdout: "", stderr: "" };
  let code = 0;
  const program = createProgram(services, (exitCode) => code = exitCode);
  for (const command of withSubcommands(program)) {
    command.version(`shelfcast ${version}`, "--version", "show the version");
    command.exitOverride().showSuggestionAfterError().configureOutput({
      writeOut: (text) => void (written.stdout += text),
      writeErr: (text) => void (written.stderr += text),
      getOutHelpWidth: () => 110,
      getErrHelpWidth: () => 110,
    });
  }
  try {
    requireText(args);
    await program.parseAsync(withoutSeparator(args), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) code = error.exitCode === 0 ? 0 : usageCode;
    else {
      written.stderr += `${explainError(error)}\n`;
      code = error instanceof CommandError ? error.exitCode : 1;
    }
  }
  await untilClosed(services.stdout).write(written.stdout);
  await untilClosed(services.stderr).write(written.stderr);
  return code;
}

/**
 * Bytes of a command line that are not UTF-8 reach the program as U+FFFD: published, or taken for a
 * name, they would be other than what was given.
 *
 * @throws {CommandError} where an argument has one.
 */
function requireText(args: readonly string[]): void {
  const index = args.findIndex((each) => each.includes("\ufffd"));
  if (index === -1) return;
  const [own] = /^--[a-z-]+(?==)/.exec(args[index] ?? "") ?? [];
  const before = args[index - 1];
  const which = own ?? (before?.startsWith("--") ? before : index + 1);
  throw new CommandError(
    `Argument "${which}" has U+FFFD, which stands for bytes that are not UTF-8, wanted text (--file takes bytes as they are)`,
    { exitCode: 2 },
  );
}

/**
 * `deno task consume -- --from earliest`: other task runners want that "--", and no command has
 * anything for it.
 */
function withoutSeparator(args: readonly string[]): readonly string[] {
  const index = args.indexOf("--");
  const isBeforeOptions = index !== -1 &&
    args.slice(0, index).every((each) => !each.startsWith("-"));
  return isBeforeOptions ? args.toSpliced(index, 1) : args;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
