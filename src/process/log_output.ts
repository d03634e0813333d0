/** Log lines on their way to a stream that may not be read. */
import { type Clock, within } from "../ports/clock.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";

/** What lines are written to, such as `Deno.stderr`. */
export interface LogStream {
  /** Resolves when some of the bytes are written, with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

export interface LogOutput {
  /**
   * Takes a line at once, whatever the stream does. Beyond the bound it is left out, and counted.
   */
  write(line: string): void;
  /** The lines that were left out, ever. */
  readonly leftOut: number;
  /** From now on they are counted here, too, with what was left out before. */
  countTo(telemetry: Telemetry): void;
  /** Resolves when all that was taken is written, or after `deadlineMs`. */
  flush(deadlineMs: number): Promise<void>;
}

export interface LogOutputOptions {
  readonly stream: LogStream;
  readonly clock: Clock;
  /** Makes the line that stands where others were left out. */
  readonly note: (leftOut: number) => string;
  /** What is held for a stream that is not read. Default: 1 MiB. */
  readonly maxHeldBytes?: number;
}

/**
 * A pipe that nobody reads, or a terminal that somebody has stopped, must not stop the searches: so
 * nothing here waits for the stream but the lines themselves.
 */
export function createLogOutput(options: LogOutputOptions): LogOutput {
  const { stream, clock, note, maxHeldBytes = 2 ** 20 } = options;
  const encoder = new TextEncoder();
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let [leftOut, untold] = [0, 0];
  let writing: Promise<void> | undefined;
  let telemetry = silentTelemetry;

  function hold(line: string): void {
    const bytes = encoder.encode(line);
    held.push(bytes);
    heldBytes += bytes.length;
  }

  async function writeHeld(): Promise<void> {
    for (let lines = held.splice(0); lines.length > 0; lines = held.splice(0)) {
      for (const line of lines) {
        for (let at = 0; at < line.length;) at += await stream.write(line.subarray(at));
        heldBytes -= line.length;
      }
    }
  }

  function begin(): void {
    writing ??= writeHeld()
      // Whoever read has gone: there is nobody to tell it to.
      .catch(() => {
        held = [];
        heldBytes = 0;
      })
      .finally(() => {
        writing = undefined;
      });
  }

  return {
    write(line) {
      // UTF-16 units are at most the bytes: near enough for a bound.
      if (heldBytes + line.length > maxHeldBytes) {
        leftOut++;
        untold++;
        telemetry.count("shelfcast.log.lines_left_out");
        return;
      }
      if (untold > 0) {
        hold(note(untold));
        untold = 0;
      }
      hold(line);
      begin();
    },
    countTo(to) {
      telemetry = to;
      if (leftOut > 0) telemetry.count("shelfcast.log.lines_left_out", {}, leftOut);
    },
    get leftOut() {
      return leftOut;
    },
    async flush(deadlineMs) {
      if (untold > 0) {
        hold(note(untold));
        untold = 0;
        begin();
      }
      if (writing !== undefined) await within(clock, deadlineMs, writing, () => {});
    },
  };
}
