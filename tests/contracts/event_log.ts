/**
 * The conformance suite of the queue ports: every law of `laws/`, over an adapter and the place
 * that its harness prepares. What an adapter does not declare is listed with the reason, not run;
 * what cannot run here is skipped, and fails in CI.
 */
import { describe, it } from "@std/testing/bdd";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventLogHarness, LogPlace, OpenOptions } from "./event_log_harness.ts";
import { type Bench, type Law, within } from "./law.ts";
import { batchLaws } from "./laws/batches.ts";
import { commitLaws } from "./laws/commits.ts";
import { contentLaws } from "./laws/content.ts";
import { processLaws } from "./laws/crash.ts";
import { declaredLaws } from "./laws/declared.ts";
import { deliveryLaws } from "./laws/delivery.ts";
import { errorLaws } from "./laws/errors.ts";
import { groupPositionLaws } from "./laws/group_positions.ts";
import { groupLaws } from "./laws/groups.ts";
import { handlerLaws } from "./laws/handlers.ts";
import { healthLaws } from "./laws/health.ts";
import { orderLaws } from "./laws/order.ts";
import { shutdownLaws } from "./laws/shutdown.ts";
import { startLaws } from "./laws/starts.ts";
import { reportMissing } from "../services/report_missing.ts";

export const laws: readonly Law[] = [
  ...deliveryLaws,
  ...contentLaws,
  ...orderLaws,
  ...shutdownLaws,
  ...processLaws,
  ...groupLaws,
  ...groupPositionLaws,
  ...commitLaws,
  ...handlerLaws,
  ...startLaws,
  ...batchLaws,
  ...declaredLaws,
  ...errorLaws,
  ...healthLaws,
];

/** Registers the suite for one adapter. */
export function judgeEventLog(name: string, harness: EventLogHarness): void {
  describe(name, () => {
    if (harness.missing !== undefined) {
      return reportMissing(`${laws.length} laws`, harness.missing);
    }
    for (const law of laws) {
      const reason = law.outside?.(harness.guarantees);
      if (reason === undefined) it(`${law.id} ${law.name}`, () => judge(law, harness));
      else console.log(`not registered: ${name} › ${law.id} ${law.name} (${reason})`);
    }
  });
}

/** Runs one law in a place of its own, and closes what it opened. */
export async function judge(law: Law, harness: EventLogHarness): Promise<void> {
  await using place = await harness.prepare();
  const logs: EventLog[] = [];
  // Closed by the law or not: closing is idempotent, and a leak would fail the test.
  const close = () => within("closing", Promise.all(logs.map((log) => log[Symbol.asyncDispose]())));
  try {
    await law.run(benchOn(place, harness, logs));
  } catch (error) {
    await close().catch(() => {}); // What failed first is what matters.
    throw error;
  }
  await close();
}

function benchOn(place: LogPlace, harness: EventLogHarness, logs: EventLog[]): Bench {
  const { guarantees } = harness;
  const open = async (options?: OpenOptions): Promise<EventLog> => {
    const log = await place.open(options);
    logs.push(log);
    return log;
  };
  return {
    guarantees,
    place,
    open,
    async openSeveral(count) {
      const first = await open();
      const several = [first];
      while (several.length < count) {
        several.push(guarantees.processes === "many" ? await open() : first);
      }
      return several;
    },
  };
}
