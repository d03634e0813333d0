import { getLogger } from "../ports/logger.ts";
import cliProgress from "cli-progress";

/** Shows how many books of the starter shelf are loaded. Ends by itself when all are. */
export interface ShelfProgress {
  (loaded: number, total: number): void;
  /** Ends it early, for a load that failed: the terminal's cursor is there again. */
  stop(): void;
}

/** Where the bar goes: a terminal, or something that is none. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/**
 * A bar on a terminal; elsewhere one log line when all is loaded.
 *
 * @param stream Default: stderr.
 */
export function createShelfProgress(stream: ProgressStream = process.stderr): ShelfProgress {
  return stream.isTTY === true ? progressBar(stream) : progressLine();
}

function progressBar(stream: ProgressStream): ShelfProgress {
  const format = "Filling the shelf {bar} {percentage}% | {value}/{total} books";
  const bar = new cliProgress.SingleBar(
    { format, stream, hideCursor: true, clearOnComplete: false, fps: 20 },
    cliProgress.Presets.shades_classic,
  );
  let started = false;
  const stop = () => {
    if (started) bar.stop();
    started = false;
  };
  const show = (loaded: number, total: number) => {
    if (!started) bar.start(total, loaded);
    else bar.update(loaded);
    started = true;
    if (loaded >= total) stop();
  };
  return Object.assign(show, { stop });
}

function progressLine(): ShelfProgress {
  const logger = getLogger(["shelfcast", "shelf"]);
  const show = (loaded: number, total: number) => {
    if (loaded >= total) logger.info("Filled the shelf with {books} books", { books: total });
  };
  return Object.assign(show, { stop() {} });
}
