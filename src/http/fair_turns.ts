/** Whose request begins next, where more have come than one turn of the event loop should do. */
import type { Clock } from "../ports/clock.ts";

/** Calls back in the next turn of the event loop, when it has looked for what has come. */
export type NextTurn = (begin: () => void) => void;

export interface FairTurns {
  /** Whether a request may begin at once; then it is counted. */
  mayBegin(): boolean;
  /** Begins in a later turn, after at most one request of each other client. */
  queue(client: string, request: WaitingRequest): void;
  /**
   * Where another client has more waiting than this one would have: gives up the newest of the
   * client that has most. @returns Whether there is room now.
   */
  makeRoom(client: string): boolean;
}

/** Exactly one of both is called. */
export interface WaitingRequest {
  begin(): void;
  giveUp(): void;
}

/** Longer, and whatever has come in the meantime waits too long. */
const turnMs = 2;
const mostOfTurn = 64;

/**
 * A crowd of two hundred connections brings two hundred requests within one turn, and more with
 * each answer: Deno's server looks for nothing else as long as answers need nothing else. So a turn
 * begins as many requests as the one before could do in a few milliseconds, and the next ones wait
 * for theirs. Then clients take turns.
 */
export function createFairTurns(clock: Clock, nextTurn: NextTurn): FairTurns {
  const clients = new Map<string, WaitingRequest[]>();
  let waiting = 0;
  let ofTurn = 4;
  let left = ofTurn;
  let isTurnFull = false;
  let fullAt = 0;

  function count(): void {
    left -= 1;
    if (left === 0) endTurn();
  }

  /** What has begun is done on the way to the next turn. */
  function endTurn(): void {
    if (isTurnFull) return;
    isTurnFull = true;
    fullAt = clock.now();
    nextTurn(() => {
      isTurnFull = false;
      if (clock.now() - fullAt > turnMs) ofTurn = Math.max(1, ofTurn >> 1);
      else ofTurn = Math.min(mostOfTurn, ofTurn * 2);
      left = ofTurn;
      while (left > 0 && waiting > 0) {
        beginNext();
        count();
      }
    });
  }

  function beginNext(): void {
    const [next] = clients;
    if (next === undefined) return;
    const [client, queue] = next;
    const request = queue.shift();
    // To the end of the line, behind all other clients.
    clients.delete(client);
    if (queue.length > 0) clients.set(client, queue);
    waiting -= 1;
    request?.begin();
  }

  return {
    mayBegin() {
      if (left === 0) return false;
      count();
      return true;
    },
    queue(client, request) {
      const queue = clients.get(client);
      if (queue === undefined) clients.set(client, [request]);
      else queue.push(request);
      waiting += 1;
    },
    makeRoom(client) {
      let most: WaitingRequest[] = [];
      for (const queue of clients.values()) if (queue.length > most.length) most = queue;
      if (most.length <= (clients.get(client)?.length ?? 0) + 1) return false;
      waiting -= 1;
      most.pop()?.giveUp();
      return true;
    },
  };
}
