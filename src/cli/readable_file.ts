/** Files that a command line names: the tasks may read few, and their input whatever it is. */
import { CommandError } from "./command_error.ts";

/** Stands for the input where a command takes a file. */
export const standardInput = "-";

/**
 * Why a file cannot be read. Tasks that also speak to the network read below the project and below
 * the folder where they were called: the shell may open any other for them.
 *
 * @param instead The command that takes the file as its input.
 * @param otherwise The message of every other reason.
 */
export function unreadable(
  path: string,
  instead: string,
  error: unknown,
  otherwise: string,
): CommandError {
  const message = error instanceof Deno.errors.NotCapable
    ? `File "${path}" is neither in the project nor below the folder where the task was called, wanted one there, or it as stdin, by "${instead}"`
    : otherwise;
  return new CommandError(message, { cause: error });
}
