/**
 * A shop leaves its remote queue with events still to ship, another process fills the log with the
 * adapter `file`, and the shop returns; then the forwarder is given up, and the log overtakes it.
 */
import assert from "node:assert/strict";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { until } from "../cli/run_command.ts";
import { runTask, type ServiceFolder, startService } from "./service_process.ts";

/** Of `mq.file`, in the configurations. */
export const smallLog = "{ directory: DIR/queue, segment_bytes: 65536, max_bytes: 1048576 }";

/** For what is told by starting a process. */
const patienceMs = 30_000;

export interface LeftBacklog {
  readonly topic: string;
  /** Configurations of the shop: nothing answers at its remote queue, and something does. */
  readonly away: string;
  readonly back: string;
  /** The keys of what came to the remote queue; it may have partitions. */
  shipped(): Promise<readonly string[]>;
}

export async function leaveAndReturn(
  folder: ServiceFolder,
  { topic, away, back, shipped }: LeftBacklog,
): Promise<void> {
  const use = (config: string) =>
    Deno.writeTextFile(folder.configFile, config.replaceAll("DIR", folder.path));
  const accepted: string[] = [];
  const search = async (url: string, query: string): Promise<boolean> => {
    const response = await fetch(`${url}/api/books?q=${query}`);
    await response.body?.cancel();
    const isAccepted = response.headers.get("x-event-status") === "accepted";
    if (isAccepted) accepted.push(query);
    return isAccepted;
  };
  /** Without any required groups. @returns What it was refused with. */
  const fill = async (name: string): Promise<string | undefined> => {
    const directory = `${folder.path}/queue`;
    await using log = await openFileLog({ directory, segmentBytes: 65_536, maxBytes: 1_048_576 });
    for (let n = 0; n < 60; n++) {
      try {
        await log.publish(topic, { key: `${name}${n}`, value: new Uint8Array(30_000) });
        accepted.push(`${name}${n}`);
      } catch (error) {
        assert.ok(error instanceof QueueError && error.code === "full");
        return error.message;
      }
    }
    return undefined;
  };

  await use(away);
  {
    await using shop = await startService(folder);
    for (const q of ["dune", "hunger", "emma"]) assert.ok(await search(shop.url, q));
    await shop.stop();
  }
  assert.match(await fill("first-") ?? "", /required group "forwarder"/);
  const kept = accepted.length;
  assert.ok(kept > 30, `${kept} accepted`);

  await use(back);
  {
    await using shop = await startService(folder);
    await until(async () => (await shipped()).length >= kept, patienceMs);
    // There is room again as soon as somebody looks.
    await until(() => search(shop.url, "solaris"), patienceMs);
    await until(async () => (await shipped()).length > kept, patienceMs);
    assert.equal((await shop.stop()).code, 0);
  }
  assert.deepEqual((await shipped()).toSorted(), accepted.toSorted());

  const of = ["--config", folder.configFile];
  const { code, stdout } = await runTask("log", ["release", "forwarder", "--yes", ...of]);
  assert.deepEqual([code, stdout.includes("Given up")], [0, true]);
  const before = accepted.length;
  assert.equal(await fill("second-"), undefined);
  const verified = await runTask("log", ["verify", ...of]);
  assert.equal(verified.code, 0, verified.stdout);
  {
    await using shop = await startService(folder);
    assert.ok(await search(shop.url, "ubik"));
    await until(async () => (await shipped()).includes("ubik"), patienceMs);
    assert.equal((await shop.stop()).code, 0);
  }
  const early = new Set(accepted.slice(0, before));
  const late = (await shipped()).filter((key) => !early.has(key));
  assert.ok(late.length > 20 && late.length < 50, `${late.length} shipped`);
  assert.deepEqual(late.toSorted(), accepted.slice(-late.length).toSorted());
  const { groups } = JSON.parse(
    (await runTask("log", ["inspect", "--format", "json", ...of])).stdout,
  )
    .topics.find((inspection: { readonly topic: string }) => inspection.topic === topic);
  const forwarder = groups.find((group: { readonly name: string }) => group.name === "forwarder");
  assert.deepEqual(
    [forwarder.delivered, forwarder.dropped, forwarder.hold],
    [`${before + late.length}`, `${accepted.length - before - late.length}`, "required"],
  );
}
