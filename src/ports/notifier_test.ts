import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createNotifier } from "./notifier.ts";

/** @returns A function that says what has resolved by now, in order. */
function watch(waits: Readonly<Record<string, Promise<void>>>): () => Promise<string[]> {
  const woken: string[] = [];
  for (const [name, wait] of Object.entries(waits)) void wait.then(() => woken.push(name));
  return async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    return woken;
  };
}

describe("Notifier", () => {
  it("wakes all that wait, and remembers nothing for those that come later", async () => {
    const { notify, wait } = createNotifier();
    notify();
    const woken = watch({ first: wait(), second: wait() });
    assert.deepEqual(await woken(), []);
    notify();
    const later = watch({ third: wait() });
    assert.deepEqual(await woken(), ["first", "second"]);
    assert.deepEqual(await later(), []);
  });

  it("lets those go whose signal is aborted, before or while they wait, and no others", async () => {
    const { wait } = createNotifier();
    const leaving = new AbortController();
    const { signal } = leaving;
    const woken = watch({ leaves: wait(signal), stays: wait(), came: wait(AbortSignal.abort()) });
    assert.deepEqual(await woken(), ["came"]);
    leaving.abort();
    assert.deepEqual(await woken(), ["came", "leaves"]);
  });

  it("waits until a condition holds, however often it is woken before", async () => {
    const { notify, until } = createNotifier();
    const leaving = new AbortController();
    let count = 0;
    const woken = watch({
      holds: until(() => count === 0),
      waits: until(() => count === 2),
      leaves: until(() => false, leaving.signal),
    });
    assert.deepEqual(await woken(), ["holds"]);
    for (count = 1; count <= 2; count++) {
      notify();
      assert.deepEqual(await woken(), count === 1 ? ["holds"] : ["holds", "waits"]);
    }
    leaving.abort();
    assert.deepEqual(await woken(), ["holds", "waits", "leaves"]);
  });
});
