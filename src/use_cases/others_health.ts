import type { Clock } from "../ports/clock.ts";
import { QueueError } from "../ports/queue_error.ts";
import { degradedBy, healthy, type QueueHealth } from "../ports/queue_health.ts";
import type { PassedOver, SeenGroup } from "./watch_group.ts";

/** Whether other programs are in a consumer's group. */
export interface OthersHealth {
  readonly now: QueueHealth;
  /** Records that another has committed were read again. */
  havePassedOver(other: PassedOver): void;
  /** It was looked who holds what. */
  looked(seen: SeenGroup): void;
}

export interface OthersHealthOptions {
  /** Of the consumer. */
  readonly name: string;
  readonly topic: string;
  readonly group: string;
  readonly clock: Clock;
}

/** What has not happened again for so long is over, whoever is there. */
const oldMs = 300_000;

export function createOthersHealth(
  { name, topic, group, clock }: OthersHealthOptions,
): OthersHealth {
  const advice = "end it, or give it another group (a shop with another database: consumers.group)";
  let passed: { by: string | undefined; at: number; health: QueueHealth } | undefined;
  let held = healthy;

  const says = (what: string): QueueHealth =>
    degradedBy(new QueueError("group_active", `Consumer "${name}" is not alone: ${what}`));

  return {
    get now() {
      return passed?.health ?? held;
    },
    havePassedOver({ partition, holder }) {
      const health = says(
        `another program in its group "${group}", ${
          holder ?? "which has left"
        }, reads partition ${partition} of topic "${topic}", ` +
          `and what it commits is read again without the group, some 10 s late; ${advice}`,
      );
      passed = { by: holder, at: clock.now(), health };
    },
    looked({ heldUp: [first], passedOver, holders }) {
      const by = passed?.by;
      const hasGone = by !== undefined && holders.size > 0 && !holders.has(by);
      const isOld = passed !== undefined && clock.now() - passed.at >= oldMs;
      if (passedOver.length === 0 && (hasGone || isOld)) passed = undefined;
      held = first === undefined ? healthy : says(
        `partition ${first.partition} of topic "${topic}" does not get on, and in group "${group}" it falls to ` +
          `${first.holder}; if that is no consumer of this shop, ${advice}`,
      );
    },
  };
}
