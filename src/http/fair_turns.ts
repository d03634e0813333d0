/** Whose request begins next, where more have come than one turn of the event loop should do. */
import type { Clock } from "../ports/clock.ts";
import { createPaceOfCrowds } from "./pace_of_crowds.ts";
import { createRestingConnections } from "./resting_connections.ts";

/** Calls back in the next turn of the event loop, when it has looked for what has come. */
export type NextTurn = (begin: () => void) => void;

/** Who asks. */
export interface Asker {
  readonly client: string;
  /** One of the client's; undefined where it is a proxy's, and many clients'. */
  readonly connection: number | undefined;
  /** Where it is known already: that the connection is new, or has rested. */
  readonly hasRested?: boolean;
}

export interface FairTurns {
  /**
   * Whether it matters who asks: others have but a moment ago, or more has come than could begin.
   */
  mustKnow(client: string): boolean;
  /** Whether a request may begin at once; then it is counted. @param asker Ends with `end`. */
  mayBegin(asker: Asker | undefined): boolean;
  /** A request of the asker, begun by `queue` or with its name, has been answered. */
  end(asker: Asker): void;
  /** Begins in a later turn, after at most one request of each other client; ends with `end`. */
  queue(client: string, request: WaitingRequest): void;
  /**
   * Where another client has more waiting than this one would have: gives up the newest of the
   * client that has most. @returns Whether there is room now.
   */
  makeRoom(client: string): boolean;
  /**
   * Where the connection is new, or has rested: gives up the newest that waits of the same client.
   * @returns Whether there is room now.
   */
  makeRoomOfOwn(asker: Asker): boolean;
}

/** Exactly one of both is called. */
export interface WaitingRequest {
  begin(): void;
  giveUp(): void;
}

/** So long somebody else is thought of. */
const sharedMs = 1000;
/**
 * Beside others a client has so many begun at once, as that many answers can stand before another;
 * and all of them together, as what waits can make room and what has begun cannot.
 */
const mostBegun = { ofOne: 32, ofAll: 256 };

/** Longer, and whatever has come in the meantime waits too long. */
const turnMs = 2;
const mostOfTurn = 64;
/** Where others ask one thing at a time: of a crowd, and of each client more that waits. */
const mostOfPacedTurn = { ofOne: 4, ofEach: 1 / 8 };
/** Besides, a turn has so many of clients, and of connections, that ask one thing at a time. */
const mostAlone = { clients: 16, connections: 2 };
/** Fewer under way are no crowd; nor are fewer that wait behind another of their own client. */
const crowdCount = 16;

/**
 * A crowd of two hundred connections brings two hundred requests within one turn, and more with
 * each answer: Deno's server looks for nothing else as long as answers need nothing else. So a turn
 * begins as many requests as the one before could do in a few milliseconds, and the next ones wait
 * for theirs. Then clients take turns. Those that have begun are answered in the order in which the
 * server and the disk have them, so that beside others one client has a bounded number of them.
 *
 * Whoever asks one thing at a time does not wait, and its answer needs several turns: as long as
 * there are such, turns of crowds are short, and each leaves the loop free for as long.
 */
export function createFairTurns(clock: Clock, nextTurn: NextTurn): FairTurns {
  const clients = new Map<string, WaitingRequest[]>();
  const begun = new Map<string, number>();
  const resting = createRestingConnections(clock);
  const pace = createPaceOfCrowds(clock);
  let waiting = 0;
  /** Of all clients. */
  let allBegun = 0;
  let lastClient = "";
  let sharedAt = -Infinity;
  let queuedAt = -Infinity;
  let ofTurn = 4;
  let left = ofTurn;
  let alone = { ...mostAlone };
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
      const tookMs = clock.now() - fullAt;
      if (tookMs > turnMs) ofTurn = Math.max(1, ofTurn >> 1);
      else ofTurn = Math.min(mostOfTurn, ofTurn * 2);
      if (!isCrowdWaiting() || !pace.isPaced()) return beginTurn();
      const { ofOne, ofEach } = mostOfPacedTurn;
      ofTurn = Math.min(ofOne + Math.floor(clients.size * ofEach), ofTurn);
      clock.after(Math.max(1, tookMs), beginTurn);
    });
  }

  function beginTurn(): void {
    isTurnFull = false;
    left = ofTurn;
    alone = { ...mostAlone };
    resting.turned();
    while (left > 0 && waiting > 0 && beginNext()) count();
    pace.begun(ofTurn - left);
  }

  /** @returns False where all that waits is of clients that have as many begun as they may. */
  function beginNext(): boolean {
    const isShared = isBesideOthers();
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

  /** Of many who have one thing waiting each, nobody is a crowd. */
  const isCrowdWaiting = (): boolean => waiting - clients.size >= crowdCount;
  const isBesideOthers = (): boolean => clock.now() - sharedAt < sharedMs;
  const isCrowded = (): boolean => clock.now() - queuedAt < sharedMs;
  const hasMost = (client: string): boolean =>
    allBegun >= mostBegun.ofAll || (begun.get(client) ?? 0) >= mostBegun.ofOne;

  function add(client: string): void {
    allBegun += 1;
    begun.set(client, (begun.get(client) ?? 0) + 1);
  }

  /**
   * Whether it is all that a client, or else a connection, asks for, and not right after another.
   */
  function asksAlone(asker: Asker): keyof typeof mostAlone | undefined {
    const { client, connection } = asker;
    const did = asker.hasRested === true ? "rested" : resting.asked(nameOf(asker));
    if (did === "asked on") return undefined;
    const paces = did === "rested" && allBegun + waiting >= crowdCount;
    if (isBesideOthers() && !begun.has(client) && !clients.has(client)) {
      if (paces) pace.anotherAsked();
      return "clients";
    }
    if (connection === undefined) return undefined;
    if (paces) pace.connectionAsked();
    return "connections";
  }

  function giveUpNewest(queue: WaitingRequest[]): void {
    waiting -= 1;
    queue.pop()?.giveUp();
  }

  return {
    mustKnow(client) {
      if (client !== lastClient) {
        if (lastClient !== "") sharedAt = clock.now();
        lastClient = client;
      }
      return isBesideOthers() || isCrowded();
    },
    mayBegin(asker) {
      if (asker === undefined) {
        if (left === 0) return false;
        count();
        return true;
      }
      const { client } = asker;
      const kind = isCrowded() ? asksAlone(asker) : undefined;
      if (left > 0 && !(isBesideOthers() && hasMost(client))) count();
      else if (kind !== undefined && alone[kind] > 0) alone[kind] -= 1;
      else return false;
      add(client);
      return true;
    },
    end(asker) {
      const { client } = asker;
      allBegun -= 1;
      const rest = (begun.get(client) ?? 1) - 1;
      if (rest > 0) begun.set(client, rest);
      else begun.delete(client);
      if (isCrowded()) resting.answered(nameOf(asker));
      if (waiting > 0) endTurn();
    },
    queue(client, request) {
      const queue = clients.get(client);
      if (queue === undefined) clients.set(client, [request]);
      else queue.push(request);
      waiting += 1;
      queuedAt = clock.now();
    },
    makeRoom(client) {
      let most: WaitingRequest[] = [];
      for (const queue of clients.values()) if (queue.length > most.length) most = queue;
      if (most.length <= (clients.get(client)?.length ?? 0) + 1) return false;
      giveUpNewest(most);
      return true;
    },
    makeRoomOfOwn(asker) {
      const queue = clients.get(asker.client);
      if (queue === undefined || asker.connection === undefined) return false;
      if (resting.asked(nameOf(asker)) === "asked on") return false;
      giveUpNewest(queue);
      if (queue.length === 0) clients.delete(asker.client);
      return true;
    },
  };
}

const nameOf = ({ client, connection }: Asker): string =>
  connection === undefined ? client : `${client} ${connection}`;
