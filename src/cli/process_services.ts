import { isAbsolute, resolve } from "node:path";
import type { CliServices, Output } from "./services.ts";

/**
 * What the commands have from the process that they run in.
 *
 * @param callerDirectory What paths on the command line are relative to. `deno task` changes the
 *   directory and leaves the caller's in `INIT_CWD`. Default: the working directory.
 */
export function processServices(
  callerDirectory: () => string = Deno.cwd,
): Pick<CliServices, "resolvePath" | "stdin" | "stdout" | "stderr"> {
  return {
    // An absolute path needs no right to read the environment.
    resolvePath: (path) => isAbsolute(path) ? path : resolve(callerDirectory(), path),
    // Opened when it is read: an unused stream would hold the input.
    get stdin() {
      return Deno.stdin.readable;
    },
    stdout: outputTo(Deno.stdout),
    stderr: outputTo(Deno.stderr),
  };
}

function outputTo(stream: { write(bytes: Uint8Array): Promise<number> }): Output {
  const encoder = new TextEncoder();
  let last: Promise<void> = Promise.resolve();
  const writeAll = async (text: string): Promise<void> => {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
  };
  return {
    write(text) {
      // Two writes at once could interleave where a pipe takes only a part of one.
      last = last.then(() => writeAll(text));
      return last;
    },
  };
}
