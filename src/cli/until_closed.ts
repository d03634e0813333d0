import type { CliServices, Output } from "./services.ts";

/** An output that goes on quietly when nobody reads it any more (`| true`, `| head`). */
export function untilClosed(output: Output): Output {
  let closed = false;
  return {
    async write(text) {
      if (closed || text === "") return;
      try {
        await output.write(text);
      } catch (error) {
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
        closed = true;
      }
    },
  };
}

/** For commands whose work and exit code matter, whether or not somebody reads what they say. */
export function withQuietOutputs(services: CliServices): CliServices {
  // Not spread: its input is opened when it is read.
  return Object.create(services, {
    stdout: { value: untilClosed(services.stdout) },
    stderr: { value: untilClosed(services.stderr) },
  });
}
