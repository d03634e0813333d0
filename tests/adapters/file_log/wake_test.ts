/** Readers are woken by the watch, and look by themselves where it is silent. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { denoDisk } from "../../../adapters/queue/file_log/disk/deno_disk.ts";
import { createWake } from "../../../adapters/queue/file_log/read/wake.ts";
import { within } from "../../contracts/law.ts";
import { createFakeClock } from "../../fake_clock.ts";

const signal = new AbortController().signal;

/** A wake-up whose watch a test speaks for. */
function watched() {
  const clock = createFakeClock();
  let tell = (): void => {};
  const disk = {
    ...denoDisk,
    watch(_path: string, onChange: () => void) {
      tell = onChange;
      return () => tell = () => {};
    },
  };
  const state = { looks: 0, isThere: false, isWoken: false };
  const wake = createWake(disk, "durable", clock);
  return {
    clock,
    state,
    tell: () => tell(),
    async wait(isThere = false) {
      Object.assign(state, { isThere, isWoken: false });
      const woken = wake.wait(signal, () => {
        state.looks++;
        return Promise.resolve(state.isThere);
      }).then(() => void (state.isWoken = true));
      await clock.advance(0);
      return woken;
    },
  };
}

describe("file log's wake-up", () => {
  it("comes with a change, and leaves no timer", async () => {
    const { clock, state, tell, wait } = watched();
    const woken = wait();
    await clock.advance(10);
    assert.equal(state.isWoken, false);
    tell();
    await woken;
    assert.equal(clock.timers, 0);
  });

  it("comes at once with what came before the watch was armed, or while it was looked for", async () => {
    const { clock, tell, wait } = watched();
    await wait(true);
    assert.equal(clock.timers, 0);
    const meanwhile = wait();
    tell();
    await meanwhile;
    assert.equal(clock.timers, 0);
  });

  it("comes within a second where the watch tells nothing, and sooner the next time", async () => {
    const { clock, state, tell, wait } = watched();
    for (const dueMs of [1000, 40, 40]) {
      const woken = wait();
      await clock.advance(0);
      state.isThere = true;
      await clock.advance(dueMs - 1);
      assert.equal(state.isWoken, false);
      await clock.advance(1);
      await woken;
    }
    const told = wait();
    await clock.advance(0);
    tell();
    await told;
    const woken = wait();
    await clock.advance(0);
    state.isThere = true;
    await clock.advance(999);
    assert.equal(state.isWoken, false, "the watch has spoken again");
    await clock.advance(1);
    await woken;
  });

  it("a watch that told nothing once does not make it look often for ever", async () => {
    const { clock, state, tell, wait } = watched();
    const missed = wait();
    state.isThere = true;
    await clock.advance(1000);
    await missed;
    state.looks = 0;
    const woken = wait();
    for (let n = 0; n < 600; n++) await clock.advance(100);
    assert.ok(state.looks < 70, `${state.looks} looks in a minute`);
    tell();
    await woken;
  });

  it("looks once a second while there is nothing", async () => {
    const { clock, state, tell, wait } = watched();
    const woken = wait();
    for (let n = 0; n < 60; n++) await clock.advance(1000);
    assert.equal(state.looks, 61);
    assert.equal(clock.timers, 1);
    tell();
    await woken;
  });

  it("a file that is removed and made anew while it is watched wakes those that come later", async () => {
    const path = await Deno.makeTempFile();
    const before = denoDisk.watch(path, () => {});
    await Deno.remove(path);
    await Deno.writeFile(path, new Uint8Array(1));
    let isThere = false;
    const { promise: isArmed, resolve: arm } = Promise.withResolvers<void>();
    const clock = createFakeClock();
    const woken = createWake(denoDisk, path, clock).wait(signal, () => {
      arm();
      return Promise.resolve(isThere);
    });
    await isArmed;
    isThere = true;
    await Deno.writeFile(path, new Uint8Array(2));
    await clock.advance(1000);
    try {
      await within("waking up", woken, 5000);
    } finally {
      before();
      await Deno.remove(path);
    }
  });
});
