import cliProgress from "cli-progress";
import type { Clock } from "../ports/clock.ts";
import type { ProgressStream } from "./shelf_progress.ts";

/** Shows how far an import is: a bar on a terminal, elsewhere a line every ten seconds. */
export interface ImportProgress {
  show(rows: number): void;
  /** Says something beside it. */
  tell(text: string): void;
  stop(): void;
}

const lineEveryMs = 10_000;

/**
 * @param bytes Of the file: how many rows it has is known at its end only. Undefined where that has
 *   no end yet.
 * @param stream Default: stderr.
 */
export function createImportProgress(
  bytes: number | undefined,
  bytesRead: () => number,
  clock: Clock,
  stream: ProgressStream = process.stderr,
): ImportProgress {
  const startedMs = clock.now();
  const rateOf = (rows: number) => Math.round(rows / Math.max(1, clock.now() - startedMs) * 1000);

  if (stream.isTTY === true) {
    const format = bytes === undefined
      ? "Importing {rows} rows | {rate} rows/s"
      : "Importing {bar} {percentage}% | {rows} rows | {rate} rows/s | {left} left";
    const bar = new cliProgress.SingleBar(
      { format, stream, hideCursor: true, fps: 10 },
      cliProgress.Presets.shades_classic,
    );
    bar.start(Math.max(1, bytes ?? 1), 0, { rows: 0, rate: "–", left: "–" });
    return {
      show: (rows) => {
        const read = bytesRead();
        bar.update(read, { rows, rate: rateOf(rows), left: timeLeft(read) });
      },
      tell: (text) => void stream.write(`\n${text}\n`),
      stop: () => bar.stop(),
    };
  }

  let toldMs = startedMs;
  return {
    show(rows) {
      if (clock.now() - toldMs < lineEveryMs) return;
      toldMs = clock.now();
      const [part, left] = bytes === undefined ? ["", ""] : [
        `${Math.floor(bytesRead() / Math.max(1, bytes) * 100)}% of the file, `,
        `, ${timeLeft(bytesRead())} left`,
      ];
      stream.write(`${part}${rows} rows, ${rateOf(rows)} rows/s${left}\n`);
    },
    tell: (text) => void stream.write(`${text}\n`),
    stop() {},
  };

  function timeLeft(read: number): string {
    if (read === 0 || bytes === undefined) return "–";
    const seconds = Math.ceil((clock.now() - startedMs) / 1000 * (bytes - read) / read);
    return seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
  }
}
