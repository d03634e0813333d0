/**
 * Which connections rest between an answer and their next request, as those do behind which
 * somebody reads. A crowd's do not, wherever they come from: all of a house, or of a company, have
 * one address.
 */
import type { Clock } from "../ports/clock.ts";

export interface RestingConnections {
  /** A request has come. @returns What its connection did before; "new" where nobody knows. */
  asked(connection: string): "rested" | "asked on" | "new";
  /** One has been answered. */
  answered(connection: string): void;
  /**
   * Requests were begun: between a crowd's answer and its next request that happens once or twice.
   */
  turned(): void;
}

const restMs = 15;
/** Where the process stands still, nobody has rested. */
const restTurns = 2;
const mostKnown = 4096;

export function createRestingConnections(clock: Clock): RestingConnections {
  /** When each has asked or was answered last. */
  const heard = new Map<string, { at: number; turn: number }>();
  let turn = 0;

  function hear(connection: string): void {
    const last = heard.get(connection);
    if (last !== undefined) {
      last.at = clock.now();
      last.turn = turn;
      return;
    }
    heard.set(connection, { at: clock.now(), turn });
    if (heard.size <= mostKnown) return;
    const [oldest = connection] = heard.keys();
    heard.delete(oldest);
  }

  return {
    asked(connection) {
      const last = heard.get(connection);
      const did = last === undefined
        ? "new"
        : turn - last.turn >= restTurns && Math.abs(clock.now() - last.at) >= restMs
        ? "rested"
        : "asked on";
      hear(connection);
      return did;
    },
    answered: hear,
    turned() {
      turn += 1;
    },
  };
}
