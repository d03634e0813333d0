/**
 * The shop is killed again and again while it forwards: whatever it accepted comes to stand in the
 * topic.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { forwarderGroup } from "../../../src/use_cases/forwarder_group.ts";
import { serviceFolder, startService } from "../../e2e/service_process.ts";
import { rounds, seeded } from "../campaign.ts";
import { committedBy, offsetsIn } from "./buffer_contents.ts";
import { hasKafka, openProxiedKafka } from "./proxied_kafka.ts";
import { type AnsweredSearch, startSearchLoad } from "./search_load.ts";
import { newTopic, report, shopConfig, untilStored } from "./shop_under_fault.ts";
import { countRecords, readTopic, type StoredEvent } from "./topic_contents.ts";
import { judge } from "./verdict.ts";

const loops = rounds(100, 2);
const ratePerSecond = 150;

/** What stood where when the shop had just been killed. */
interface Kill {
  readonly committed: bigint;
  /** Records of each partition. */
  readonly stored: readonly number[];
}

/** Events that were published after a kill though they had been committed before it. */
function publishedAgain(
  kills: readonly Kill[],
  stored: readonly StoredEvent[],
  offsets: ReadonlyMap<string, bigint>,
): number {
  const places = new Map<number, number>();
  let count = 0;
  for (const { id, partition } of stored) {
    const place = places.get(partition) ?? 0;
    places.set(partition, place + 1);
    const offset = offsets.get(id);
    const wasCommitted = ({ committed, stored }: Kill): boolean =>
      offset !== undefined && offset < committed && place >= (stored[partition] ?? 0);
    if (kills.some(wasCommitted)) count++;
  }
  return count;
}

async function killAgainAndAgain(): Promise<void> {
  await using kafka = await openProxiedKafka();
  const { brokers, inner } = kafka;
  const topic = newTopic("kills");
  // So long that no busy machine makes an answer "pending", which would promise nothing.
  const config = shopConfig({ client: "kafkajs", brokers, acceptTimeoutMs: 5000 }, topic);
  await using folder = await serviceFolder(config);
  const random = seeded(5);
  const answered: AnsweredSearch[] = [];
  const kills: Kill[] = [];
  let failed = 0;
  for (let loop = 0; loop <= loops; loop++) {
    await using service = await startService(folder);
    const isLast = loop === loops;
    const load = startSearchLoad(service.url, ratePerSecond);
    await load.answers(1 + Math.floor(random() * 40));
    // Every other time with records under way that no broker will ever see.
    if (!isLast && loop % 2 === 0) {
      await kafka.proxy.set({ kind: "black_hole" });
      await load.answers(1 + Math.floor(random() * 20));
    }
    if (isLast) await load.stop();
    else await service.stop("SIGKILL");
    await load.stop();
    await kafka.proxy.set({ kind: "pass" });
    answered.push(...load.answered);
    failed += load.failures.length;
    if (!isLast) {
      const stored = await countRecords(inner, topic);
      kills.push({ committed: await committedBy(forwarderGroup, folder, topic), stored });
      continue;
    }
    const accepted = answered.filter(({ status }) => status === "accepted").map(({ id }) => id);
    await untilStored(() => readTopic(inner, topic), accepted, 30_000);
    assert.equal((await service.stop("SIGTERM")).code, 0);
  }

  const stored = await readTopic(inner, topic);
  const verdict = judge(answered, stored);
  report(`kill -9 of the shop, ${loops} times`, failed, verdict);
  assert.equal(verdict.missing, 0);
  assert.equal(verdict.outOfOrder, 0);
  assert.equal(verdict.refusedButThere, 0);
  // Those that were being answered when the shop was killed.
  assert.ok(verdict.invented <= failed, `${verdict.invented} events that nobody asked for`);
  assert.equal(publishedAgain(kills, stored, await offsetsIn(folder, topic)), 0);
}

if (hasKafka) {
  describe("the shop in front of Kafka, killed by SIGKILL while it forwards", () => {
    it(
      "S5 nothing accepted is missing, and nothing committed is published again",
      killAgainAndAgain,
    );
  });
}
