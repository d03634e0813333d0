/** What a start shows of the starter shelf that it loads, and when it loads that itself. */
import { collectLogs } from "../use_cases/log_lines.ts";
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { firstStartProgress } from "../../src/cli/first_start.ts";
import { createShelfProgress, type ShelfProgress } from "../../src/cli/shelf_progress.ts";

const showCursor = "\x1b[?25h";
const hideCursor = "\x1b[?25l";

function openTerminal() {
  const chunks: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  stream.on("data", (chunk) => chunks.push(String(chunk)));
  return { stream, shown: () => chunks.join("") };
}

describe("the starter shelf's progress", () => {
  it("is a bar on a terminal, which gives the cursor back", () => {
    const { stream, shown } = openTerminal();
    const progress = createShelfProgress(stream);
    for (const loaded of [0, 500, 10_000]) progress(loaded, 10_000);
    assert.match(shown(), /10000\/10000 books/);
    assert.ok(shown().lastIndexOf(showCursor) > shown().lastIndexOf(hideCursor));
  });

  it("ends early where the load failed, leaving no timer", () => {
    const { stream, shown } = openTerminal();
    const progress = createShelfProgress(stream);
    progress(0, 10_000);
    progress.stop();
    progress.stop();
    assert.ok(shown().includes(showCursor));
  });

  it("is one log line elsewhere", () => {
    using logs = collectLogs();
    const stream = new PassThrough();
    const progress = createShelfProgress(stream);
    for (const loaded of [0, 500, 10_000]) progress(loaded, 10_000);
    progress.stop();
    assert.equal(stream.read(), null);
    assert.deepEqual(logs.lines.map(({ properties }) => properties), [{ books: 10_000 }]);
  });
});

describe("the progress of a start", () => {
  function openLoading() {
    const { promise, resolve } = Promise.withResolvers<ShelfProgress>();
    const seen: string[] = [];
    let loads = 0;
    const progress = firstStartProgress(() => {
      loads += 1;
      return promise;
    });
    const load = () =>
      resolve(
        Object.assign((loaded: number, total: number) => void seen.push(`${loaded}/${total}`), {
          stop: () => void seen.push("stop"),
        }),
      );
    return { progress, seen, load, loads: () => loads };
  }

  it("loads nothing where there is no progress", () => {
    const { progress, loads } = openLoading();
    progress.stop();
    assert.equal(loads(), 0);
  });

  it("shows, once loaded, how far it is by then, and what follows", async () => {
    const { progress, seen, load, loads } = openLoading();
    progress(0, 10);
    progress(5, 10);
    load();
    await Promise.resolve();
    progress(10, 10);
    progress.stop();
    assert.deepEqual([seen, loads()], [["5/10", "10/10", "stop"], 1]);
  });

  it("tells the end also where it was loaded too late", async () => {
    const { progress, seen, load } = openLoading();
    progress(10, 10);
    progress.stop();
    load();
    await Promise.resolve();
    assert.deepEqual(seen, ["10/10", "stop"]);
  });
});
