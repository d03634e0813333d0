/** The whole shop on a disk that fails: EIO, ENOSPC, short writes, a write that hangs. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { isFull } from "./campaign.ts";
import {
  type Answer,
  countOf,
  missingEvents,
  openShopPlace,
  type QueueSettings,
  reasonsOf,
  searchShop,
  type ShopPlace,
  type ShopQueue,
} from "./searched_shop.ts";

let place: ShopPlace;
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

/**
 * True with the answer that makes `count` accepted ones since the last that was not accepted, where
 * `isHit` was one.
 */
function recovered(count: number, isHit: (answer: Answer) => boolean) {
  let [wasHit, run] = [false, 0];
  return (answer: Answer): boolean => {
    wasHit ||= isHit(answer);
    run = answer.status === "accepted" ? run + 1 : 0;
    return wasHit && run >= count;
  };
}

const isRefused = ({ status }: Answer): boolean => status.startsWith("refused");

/** There are more than a call may have arguments. */
const slowestMsOf = (answers: readonly Answer[]): number =>
  answers.reduce((most, { ms }) => Math.max(most, ms), 0);

/** None missing, and what became of the searches, in a line. */
async function assertKept(what: string, queue: ShopQueue, answers: readonly Answer[]) {
  const missing = await missingEvents(queue, answers);
  const slowestMs = slowestMsOf(answers);
  console.log(
    `${what}: ${answers.length} searches answered with 200, ${
      countOf(answers, "accepted")
    } accepted, ${missing} missing, ${countOf(answers, "pending")} pending, ${
      countOf(answers, "refused")
    } refused (${reasonsOf(answers).join(", ")}), slowest ${Math.round(slowestMs)} ms`,
  );
  assert.equal(missing, 0);
}

/** Searches the shop under the shim until it accepts again for good, and judges its log. */
async function underShim(
  settings: Readonly<Record<string, string>>,
  isHit = isRefused,
  queueSettings: QueueSettings = {},
): Promise<readonly Answer[]> {
  const queue = await place.newQueue(queueSettings);
  const env = { ...settings, LD_PRELOAD: shim };
  const answers = await searchShop({ queue, env, isEnough: recovered(40, isHit) });
  await assertKept(
    Object.entries(settings).map((pair) => pair.join("=")).join(" "),
    queue,
    answers,
  );
  return answers;
}

describe("the shop on a disk that fails", () => {
  before(async () => {
    place = await openShopPlace();
    shim = `${place.path}/disk_shim.so`;
    const source = new URL("./disk_shim.c", import.meta.url).pathname;
    const failure = await failureOf("cc", "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl");
    if (noCompiler === undefined) assert.equal(failure, undefined);
  });
  after(async () => await place[Symbol.asyncDispose]());

  if (!isFull) {
    itWithCompiler(
      "S7 short writes, EIO, ENOSPC: refused, accepted again, none missing",
      async () => {
        const faults = { SHIM_SHORT: "1", SHIM_EIO_AT: "3", SHIM_FULL_AFTER: `${60 * 1024}` };
        const isFullRefusal = ({ status }: Answer) => status.endsWith("=full");
        const answers = await underShim(faults, isFullRefusal);
        assert.ok(reasonsOf(answers).includes("outcome_unknown"));
      },
    );
    return;
  }

  itWithCompiler(
    "S7 EIO on the n-th fdatasync: refused, accepted again, none missing",
    async () => {
      for (let nth = 1; nth <= 20; nth++) {
        // The first is that of a new segment while the shop starts: the log may have recovered
        // before anybody searches.
        const isHit = nth === 1 ? () => true : isRefused;
        const answers = await underShim({ SHIM_EIO_AT: `${nth}` }, isHit);
        for (const reason of reasonsOf(answers)) {
          assert.match(
            reason,
            /^(outcome_unknown|unavailable)$/,
          );
        }
      }
    },
  );

  itWithCompiler(
    "S7 ENOSPC after n bytes: refused as full, accepted again, none missing",
    async () => {
      for (let kib = 8; kib <= 120; kib += 12) {
        const answers = await underShim({ SHIM_FULL_AFTER: `${kib * 1024}` });
        assert.deepEqual(reasonsOf(answers), ["full"]);
      }
    },
  );

  itWithCompiler("S7 short writes: all are accepted", async () => {
    const answers = await underShim({ SHIM_SHORT: "1" }, () => true);
    assert.equal(countOf(answers, "accepted"), answers.length);
  });

  itWithCompiler("S7 a write that hangs for 10 s: no search waits for it", async () => {
    const isPending = ({ status }: Answer) => status === "pending";
    const settings = { SHIM_HANG_AT: "30", SHIM_HANG_S: "10" };
    const answers = await underShim(settings, isPending, { acceptTimeoutMs: 50 });
    assert.ok(countOf(answers, "accepted") > 40);
    assert.ok(slowestMsOf(answers) < 5000);
  });

  it("S7 a full file system: refused as full, accepted when there is space, none missing", async () => {
    const queue = await place.newQueue();
    const { directory } = queue;
    const failure = await failureOf("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory);
    if (failure !== undefined) {
      console.log(`no file system of its own, which takes root: ${failure}`);
      return;
    }
    try {
      let refusals = 0;
      const isRecovered = recovered(40, () => refusals >= 20);
      const answers = await searchShop({
        queue,
        async isEnough(answer) {
          if (isRefused(answer) && ++refusals === 20) {
            assert.equal(await failureOf("mount", "-o", "remount,size=8m", directory), undefined);
          }
          return isRecovered(answer);
        },
      });
      await assertKept("full tmpfs", queue, answers);
      assert.deepEqual(reasonsOf(answers), ["full"]);
    } finally {
      assert.equal(await failureOf("umount", directory), undefined);
    }
  });
});
