import { type Command, CommanderError } from "commander";
import { version } from "../process/version.ts";
import { CommandError, explainError } from "./command_error.ts";
import { createProgram } from "./program.ts";
import type { CliServices } from "./services.ts";

/** The exit code of a command line that is wrong. */
const usageCode = 2;

/**
 * Runs one command.
 *
 * @param args The command's name and what follows it.
 * @returns The exit code: 0; 1 where something went wrong, told on stderr; 2 where the command line is wrong.
 */
export async function runCli(args: readonly string[], services: CliServices): Promise<number> {
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
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) code = error.exitCode === 0 ? 0 : usageCode;
    else {
      written.stderr += `${explainError(error)}\n`;
      code = error instanceof CommandError ? error.exitCode : 1;
    }
  }
  await writeQuietly(services.stdout, written.stdout);
  await writeQuietly(services.stderr, written.stderr);
  return code;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

async function writeQuietly(output: CliServices["stdout"], text: string): Promise<void> {
  try {
    if (text !== "") await output.write(text);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
