/** Whose request begins next, where more have come than one turn of the event loop should do. */
import type { Clock } from "../ports/clock.ts";

/** Calls back in the next turn of the event loop, when it has looked for what has come. */
export type NextTurn = (begin: () => void) => void;

export interface FairTurns {
  /**
   * Whether others have asked, too, but a moment ago: only then has a client to leave them room.
   */
  isShared(client: string): boolean;
  /**
   * Whether a request may begin at once; then it is counted.
   *
   * @param client Whose it is, where that has to leave others room; it ends with `end`.
   */
  mayBegin(client: string | undefined): boolean;
  /** A request of the client, begun by `queue` or with its name, has been answered. */
  end(client: string): void;
  /** Begins in a later turn, after at most one request of each other client; ends with `end`. */
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

/** So long somebody else is thought of. */
const sharedMs = 1000;
/** Beside others a client has so many begun at once: as many answers can stand before another. */
const mostBegun = 32;

/** Longer, and whatever has come in the meantime waits too long. */
const turnMs = 2;
const mostOfTurn = 64;

/**
 * A crowd of two hundred connections brings two hundred requests within one turn, and more with
 * each answer: Deno's server looks for nothing else as long as answers need nothing else. So a turn
 * begins as many requests as the one before could do in a few milliseconds, and the next ones wait
 * for theirs. Then clients take turns. Those that have begun are answered in the order in which the
 * server and the disk have them, so that beside others one client has a bounded number of them.
 */
export function createFairTurns(clock: Clock, nextTurn: NextTurn): FairTurns {
  const clients = new Map<string, WaitingRequest[]>();
  const begun = new Map<string, number>();
  let waiting = 0;
  let lastClient = "";
  let sharedAt = -Infinity;
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
      while (left > 0 && waiting > 0 && beginNext()) count();
    });
  }

  /** @returns False where all that waits is of clients that have as many begun as they may. */
  function beginNext(): boolean {
    const isShared = clock.now() - sharedAt < sharedMs;
    for (const [client, queue] of clients) {
      if (isShared && hasMost(client)) continue;
      const request = queue.shift();
      // To the end of the line, behind all other clients.
      clients.delete(client);
      if (queue.length > 0) clients.set(client, queue);
      waiting -= 1;
      add(client);
      request?.begin();
      return true;
    }
    return false;
  }

  const hasMost = (client: string): boolean => (begun.get(client) ?? 0) >= mostBegun;
  const add = (client: string): void => void begun.set(client, (begun.get(client) ?? 0) + 1);

  return {
    isShared(client) {
      if (client === lastClient) return clock.now() - sharedAt < sharedMs;
      if (lastClient !== "") sharedAt = clock.now();
      lastClient = client;
      return clock.now() - sharedAt < sharedMs;
    },
    mayBegin(client) {
      if (left === 0 || (client !== undefined && hasMost(client))) return false;
      count();
      if (client !== undefined) add(client);
      return true;
    },
    end(client) {
      const rest = (begun.get(client) ?? 1) - 1;
      if (rest > 0) begun.set(client, rest);
      else begun.delete(client);
      if (waiting > 0) endTurn();
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
