import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { rounds } from "./campaign.ts";
import { missingFrom, runUnderLoad, type Said } from "./process_under_load.ts";

let place = "";
let shim = "";

/** What a command says where it fails, or undefined. */
async function failureOf(command: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim() || `${command} failed`;
  } catch (error) {
    return String(error);
  }
}

const noCompiler = await failureOf("cc", "--version");
if (noCompiler !== undefined) console.log(`faults of a real disk need cc: ${noCompiler}`);
const itWithCompiler = noCompiler === undefined || Deno.env.get("CI") !== undefined ? it : it.skip;

const codesOf = ({ refused }: Said): readonly string[] => [...new Set(refused.values())].toSorted();

/** Under the shim, then without it: what was accepted stands, and the log goes on. */
async function underShim(settings: Readonly<Record<string, string>>): Promise<Said> {
  const directory = await Deno.makeTempDir({ dir: place });
  const env = { ...settings, LD_PRELOAD: shim };
  const said = await runUnderLoad({ directory, writer: "shim", count: 400, env });
  const later = await runUnderLoad({ directory, writer: "later", count: 20 });
  assert.equal(later.accepted.size, 20, "the next process goes on");
  const accepted = new Map([...said.accepted, ...later.accepted]);
  assert.deepEqual(await missingFrom(directory, accepted), []);
  assert.equal(said.accepted.size + said.refused.size, 400);
  const what = Object.entries(settings).map((pair) => pair.join("=")).join(" ");
  console.log(
    `${what}: ${said.accepted.size} accepted, 0 missing, ${said.refused.size} refused (${
      codesOf(said).join(", ")
    }), longest stall ${said.stallMs} ms`,
  );
  return said;
}

describe("file log of a real process on a disk that fails", () => {
  before(async () => {
    place = await Deno.makeTempDir({ prefix: "real_disk_" });
    shim = `${place}/disk_shim.so`;
    const source = new URL("./disk_shim.c", import.meta.url).pathname;
    const failure = await failureOf("cc", "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl");
    if (noCompiler === undefined) assert.equal(failure, undefined);
  });
  after(() => Deno.remove(place, { recursive: true }));

  itWithCompiler("S7 EIO on the n-th fdatasync: refused, nothing accepted is missing", async () => {
    for (let nth = 1; nth <= rounds(20, 2); nth++) {
      const said = await underShim({ SHIM_EIO_AT: `${nth}` });
      assert.ok(said.refused.size > 0);
      for (const code of codesOf(said)) assert.match(code, /^(outcome_unknown|unavailable)$/);
    }
  });

  itWithCompiler(
    "S7 ENOSPC after n bytes: refused as full, nothing accepted is missing",
    async () => {
      for (let kib = 8; kib <= rounds(120, 32); kib += 12) {
        const said = await underShim({ SHIM_FULL_AFTER: `${kib * 1024}` });
        assert.deepEqual(codesOf(said), ["full"]);
      }
    },
  );

  itWithCompiler("S7 short writes: all are accepted", async () => {
    const said = await underShim({ SHIM_SHORT: "1" });
    assert.equal(said.accepted.size, 400);
  });

  itWithCompiler(
    "S7 a write that hangs: all are accepted, and the event loop goes on",
    async () => {
      const hangS = rounds(10, 2);
      const said = await underShim({ SHIM_HANG_AT: "6", SHIM_HANG_S: `${hangS}` });
      assert.equal(said.accepted.size, 400);
      assert.ok(said.stallMs < hangS * 1000 / 2, `event loop stood for ${said.stallMs} ms`);
    },
  );

  it("S7 a full file system: refused as full, read whole, and accepted when there is space", async () => {
    const directory = await Deno.makeTempDir({ dir: place });
    const refusal = await failureOf("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory);
    if (refusal !== undefined) {
      console.log(`no file system of its own, which takes root: ${refusal}`);
      return;
    }
    try {
      const full = await runUnderLoad({ directory, writer: "full", count: 4000 });
      assert.deepEqual(codesOf(full), ["full"]);
      assert.deepEqual(await missingFrom(directory, full.accepted), []);
      assert.equal(await failureOf("mount", "-o", "remount,size=8m", directory), undefined);
      const later = await runUnderLoad({ directory, writer: "later", count: 400 });
      assert.equal(later.accepted.size, 400);
      const accepted = new Map([...full.accepted, ...later.accepted]);
      assert.deepEqual(await missingFrom(directory, accepted), []);
      console.log(`full tmpfs: ${accepted.size} accepted, 0 missing, ${full.refused.size} refused`);
    } finally {
      assert.equal(await failureOf("umount", directory), undefined);
    }
  });
});
