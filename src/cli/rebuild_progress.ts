import cliProgress from "cli-progress";
import type { Clock } from "../ports/clock.ts";
import type { RebuildProgress } from "../use_cases/rebuild_read_model.ts";
import type { ProgressStream } from "./shelf_progress.ts";

/** Shows how far a rebuild is: a bar on a terminal, elsewhere a line every ten seconds. */
export interface ShownRebuild {
  show(progress: RebuildProgress): void;
  stop(): void;
}

const lineEveryMs = 10_000;

/** @param stream Default: stderr. */
export function showRebuild(clock: Clock, stream: ProgressStream = process.stderr): ShownRebuild {
  const startedMs = clock.now();
  const rateOf = (read: number) => Math.round(read / Math.max(1, clock.now() - startedMs) * 1000);

  if (stream.isTTY === true) {
    const format = "Rebuilding {bar} {percentage}% | {value} of {total} records | {rate} records/s";
    const bar = new cliProgress.SingleBar(
      { format, stream, hideCursor: true, fps: 10 },
      cliProgress.Presets.shades_classic,
    );
    bar.start(1, 0, { rate: "–" });
    return {
      show({ read, total }) {
        bar.setTotal(Math.max(read, total));
        bar.update(read, { rate: rateOf(read) });
      },
      stop: () => bar.stop(),
    };
  }

  let toldMs = startedMs;
  return {
    show({ read, total }) {
      if (clock.now() - toldMs < lineEveryMs) return;
      toldMs = clock.now();
      stream.write(`${read} of ${Math.max(read, total)} records, ${rateOf(read)} records/s\n`);
    },
    stop() {},
  };
}
