import type { Clock } from "../ports/clock.ts";
import { QueueError } from "../ports/queue_error.ts";
import { degradedBy, healthy, type QueueHealth } from "../ports/queue_health.ts";
import type { HeldUp, PassedOver } from "./watch_group.ts";

/** Whether other programs are in a consumer's group. */
export interface OthersHealth {
  readonly now: QueueHealth;
  /** Records that another has committed were read again. */
  havePassedOver(other: PassedOver): void;
  /** It was looked who holds what. */
  looked(heldUp: readonly HeldUp[]): void;
}

export interface OthersHealthOptions {
  /** Of the consumer. */
  readonly name: string;
  readonly topic: string;
  readonly group: string;
  readonly clock: Clock;
}

/** Who has passed over nothing for so long may have gone. */
const goneMs = 30_000;

export function createOthersHealth(
  { name, topic, group, clock }: OthersHealthOptions,
): OthersHealth {
  const advice = "end it, or give it another group";
  let passed: { readonly at: number; readonly health: QueueHealth } | undefined;
  let held = healthy;

  const says = (what: string): QueueHealth =>
    degradedBy(new QueueError("group_active", `Consumer "${name}" is not alone: ${what}`));

  return {
    get now() {
      if (passed !== undefined && clock.now() - passed.at < goneMs) return passed.health;
      return held;
    },
    havePassedOver({ partition, holder = "one that has left" }) {
      const health = says(
        `another program in its group "${group}", ${holder}, reads partition ${partition} of topic "${topic}", ` +
          `and what it commits is read again without the group, some 10 s late; ${advice}`,
      );
      passed = { at: clock.now(), health };
    },
    looked([first]) {
      held = first === undefined ? healthy : says(
        `partition ${first.partition} of topic "${topic}" does not get on, and in group "${group}" it falls to ` +
          `${first.holder}; if that is no consumer of this shop, ${advice}`,
      );
    },
  };
}
