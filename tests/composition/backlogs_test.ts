/** Events that wait for a forwarder after the configuration was changed: never in silence. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { openFileLogTools } from "../../adapters/queue/file_log/operate/log_tools.ts";
import { backlogProbe, foundBacklogs, whyNotForwarded } from "../../src/composition/backlogs.ts";
import { loadShopConfig, type ShopConfig } from "../../src/composition/configuration.ts";
import { closingSteps, openEventPath, watchedQueues } from "../../src/composition/event_path.ts";
import { healthy, type QueueHealth } from "../../src/ports/queue_health.ts";
import { systemClock as clock } from "../../src/ports/clock.ts";
import { silentTelemetry as telemetry } from "../../src/ports/telemetry.ts";
import type { EventAcceptor } from "../../src/use_cases/event_acceptor.ts";
import { createEventReceipts } from "../../src/use_cases/event_receipts.ts";
import { until } from "../cli/run_command.ts";

const nothingListens = "127.0.0.1:1";

/** A directory in which a shop with Kafka left events, and the configuration of its next start. */
async function changed<T>(
  mq: string,
  waiting: number,
  work: (config: ShopConfig, directory: string) => Promise<T>,
): Promise<T> {
  const directory = await Deno.makeTempDir();
  try {
    if (waiting > 0) await leave(`${directory}/queue`, waiting);
    const file = `${directory}/config.yml`;
    await Deno.writeTextFile(file, `mq: ${mq.replaceAll("DIR", `${directory}/queue`)}\n`);
    return await work(
      await loadShopConfig({ file, env: () => undefined, envFile: "no/.env" }),
      directory,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function leave(
  directory: string,
  count: number,
  requiredGroups = ["forwarder"],
): Promise<void> {
  await using log = await openFileLog({ directory, requiredGroups });
  for (let n = 0; n < count; n++) await log.publish("old", { value: null });
  const reading = log.subscribe("old", { group: "forwarder", from: "earliest" });
  for await (const _ of reading) break;
}

const acceptor = { health: () => healthy } as EventAcceptor;

/**
 * What operators see of a shop's forwarder, when it is what is wanted or never. `looks`: how often
 * what waits is found; after them nothing is.
 */
async function forwarderOf(
  config: ShopConfig,
  wanted: (health: QueueHealth | undefined) => boolean,
  looks = Infinity,
): Promise<QueueHealth | undefined> {
  let looked = 0;
  const path = await openEventPath(config, {
    receipts: createEventReceipts({ isDelivery: false }),
    clock,
    telemetry,
    async findBacklogs(except) {
      try {
        if (looked >= looks) return { topics: [], stuck: [], others: [] };
        return await foundBacklogs(config.mq, clock, except);
      } finally {
        looked++;
      }
    },
    whyNotForwarded: () => Promise.resolve(whyNotForwarded(config.mq)),
  });
  try {
    const { forwarder } = watchedQueues(config, path, acceptor);
    await until(() => looked > 0 && wanted(forwarder?.health()), 20_000);
    return forwarder?.health();
  } finally {
    for (const { run } of closingSteps(path)) await run();
  }
}

const probed = (config: ShopConfig): Promise<string> =>
  backlogProbe(config, clock).run().then(
    (what) => `ok: ${what}`,
    ({ message }) => `FAIL: ${message}`,
  );

const elsewhere = [
  { mq: "{ adapter: file, file: { directory: DIR } }", why: 'mq.adapter is "file"' },
  { mq: "{ adapter: memory, file: { directory: DIR } }", why: 'mq.adapter is "memory"' },
  {
    mq:
      `{ adapter: kafka, brokers: "${nothingListens}", kafka: { buffer: none }, file: { directory: DIR } }`,
    why: 'mq.kafka.buffer is "none"; they are delivered when it is "file" again',
  },
];

describe("events that wait for a forwarder", () => {
  for (const { mq, why } of elsewhere) {
    it(`${why}: /readyz and doctor say how many wait, of which topic, and what to do`, async () => {
      await changed(mq, 5, async (config) => {
        const health = await forwarderOf(config, (now) => now?.status === "degraded");
        assert.ok(health?.status === "degraded");
        assert.match(
          health.detail,
          /^Events wait in the buffer, 5 of topic "old": nothing forwards/,
        );
        assert.ok(health.detail.includes(why), health.detail);
        const what = await probed(config);
        assert.match(what, /^FAIL: 5 events of topic "old" wait: nothing forwards them/);
        assert.ok(what.includes(why), what);
      });
    });

    it(`${why}: nothing waits, nothing is said`, async () => {
      await changed(mq, 0, async (config) => {
        assert.equal(await forwarderOf(config, () => true), undefined);
        assert.match(await probed(config), /^ok: /);
      });
    });
  }

  it("doctor says what will be delivered, and why it cannot be", async () => {
    const mq = `{ adapter: kafka, brokers: "${nothingListens}", file: { directory: DIR } }`;
    await changed(mq, 5, async (config, directory) => {
      await using log = await openFileLog({ directory: `${directory}/queue` });
      await log.publish("foreign", { value: null });
      const what = await probed(config);
      assert.match(what, /^FAIL: 5 events of topic "old" wait: .*nothing listens there/);
    });
  });

  for (const { mq, why } of elsewhere) {
    it(`${why}: what an operator has given up is not told any more`, async () => {
      await changed(mq, 5, async (config, directory) => {
        const tools = await openFileLogTools({ directory: `${directory}/queue` });
        await tools.release("old", "forwarder", { dryRun: false });
        assert.equal(await forwarderOf(config, () => true), undefined);
        assert.match(await probed(config), /^ok: /);
      });
    });
  }

  it("a topic of an earlier configuration is looked after as that of today is", async () => {
    const mq = `{ adapter: kafka, brokers: "${nothingListens}", file: { directory: DIR } }`;
    await changed(mq, 0, async (config, directory) => {
      await leave(`${directory}/queue`, 5, []);
      const tools = await openFileLogTools({ directory: `${directory}/queue` });
      const holdOf = async () => (await tools.inspect("old")).groups.map(({ hold }) => hold);
      assert.deepEqual(await holdOf(), ["none"]);
      // Found at the opening only: whoever forwards the topic would have it held, too, if later.
      await forwarderOf(config, () => true, 1);
      assert.deepEqual(await holdOf(), ["required"]);
    });
  });

  it("a log whose directory was moved goes on in the new one", async () => {
    const mq = `{ adapter: kafka, brokers: "${nothingListens}", file: { directory: DIR-moved } }`;
    await changed(mq, 5, async (config, directory) => {
      assert.doesNotMatch(await probed(config), /5 events/);
      await Deno.rename(`${directory}/queue`, `${directory}/queue-moved`);
      assert.match(await probed(config), /5 events of topic "old" wait/);
    });
  });

  for (const { mq, why } of elsewhere) {
    it(`${why}: what another process forwards is no fault, and doctor says so`, async () => {
      await changed(mq, 5, async (config, directory) => {
        await using log = await openFileLog({ directory: `${directory}/queue` });
        const member = log.subscribe("old", { group: "forwarder" })[Symbol.asyncIterator]();
        await member.next();
        assert.equal(await forwarderOf(config, () => true), undefined);
        const what = await probed(config);
        assert.equal(what, 'ok: 5 events of topic "old" wait, and a process forwards them');
        await member.return?.();
      });
    });
  }

  it("doctor names topics that nobody accepted for the brokers", async () => {
    const mq = `{ adapter: kafka, brokers: "${nothingListens}", file: { directory: DIR } }`;
    await changed(mq, 0, async (config, directory) => {
      await using log = await openFileLog({ directory: `${directory}/queue` });
      await log.publish("foreign", { value: null });
      assert.equal(
        await probed(config),
        'ok: no events wait under another name\nnot accepted to be forwarded: "foreign"',
      );
    });
  });

  it("doctor names what another adapter accepted, where no buffer brings it to the brokers", async () => {
    const mq = `{ adapter: kafka, kafka: { buffer: none }, topic: mine,
      brokers: "${nothingListens}", file: { directory: DIR } }`;
    await changed(mq, 0, async (config, directory) => {
      await using log = await openFileLog({ directory: `${directory}/queue` });
      await log.publish("mine", { value: null });
      assert.match(
        await probed(config),
        /forwarded: "mine"; with mq\.kafka\.buffer "file" what the log holds of "mine" is delivered$/,
      );
    });
  });
});
