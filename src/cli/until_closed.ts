import { escapeControlsInLines } from "../process/escape_controls.ts";
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

/** Whatever a command prints, it gives a terminal no orders. */
export function withPrintableOutputs(services: CliServices): CliServices {
  const printable = (output: Output): Output => ({
    write: (text) => output.write(escapeControlsInLines(text)),
  });
  return withOutputs(services, printable);
}

/** For commands whose work and exit code matter, whether or not somebody reads what they say. */
export function withQuietOutputs(services: CliServices): CliServices {
  return withOutputs(services, untilClosed);
}

function withOutputs(services: CliServices, change: (output: Output) => Output): CliServices {
  // Not spread: its input is opened when it is read.
  return Object.create(services, {
    stdout: { value: change(services.stdout) },
    stderr: { value: change(services.stderr) },
  });
}
