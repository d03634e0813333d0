/**
 * The shop itself on a file log of its own, searched by several visitors, and judging the log by
 * what they were told.
 */
import assert from "node:assert/strict";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { serviceFolder, startService } from "../e2e/service_process.ts";
import type { Finished } from "../finished_process.ts";

const topic = "lr-book-searches";
const visitors = 4;
/** A shop that gives no reason to stop within this time is stuck. */
const deadlineMs = 60_000;

/** The answer to a search: always a 200. */
export interface Answer {
  readonly visitor: number;
  readonly eventId: string;
  /** `accepted`, `pending` or `refused; reason=…`. */
  readonly status: string;
  readonly ms: number;
}

/**
 * A database with the starter shelf, which many shops share one after the other, and folders for
 * their logs.
 */
export interface ShopPlace extends AsyncDisposable {
  readonly path: string;
  /** A folder for a log; a shop on it makes segments of 64 KiB, some ten searches each. */
  newQueue(settings?: QueueSettings): Promise<ShopQueue>;
}

export interface QueueSettings {
  /** Default: 2,000 ms, so that no busy machine makes an answer "pending". */
  readonly acceptTimeoutMs?: number;
}

export interface ShopQueue {
  readonly directory: string;
  readonly configFile: string;
}

export async function openShopPlace(): Promise<ShopPlace> {
  const folder = await serviceFolder("");
  let queues = 0;
  return {
    path: folder.path,
    async newQueue({ acceptTimeoutMs = 2000 } = {}) {
      const directory = `${folder.path}/queue${queues++}`;
      const configFile = `${directory}.yml`;
      await Deno.mkdir(directory);
      const file = { directory, segment_bytes: 65_536, reserve_bytes: 0 };
      const config = {
        app: { port: 0 },
        db: { sqlite: { file: `${folder.path}/shelf.db` } },
        mq: { adapter: "file", topic, accept_timeout_ms: acceptTimeoutMs, file },
      };
      await Deno.writeTextFile(configFile, JSON.stringify(config));
      return { directory, configFile };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

export interface Searches {
  readonly queue: ShopQueue;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Ends the shop. SIGKILL comes while it is searched, SIGTERM behind the last answer. Default:
   * SIGTERM.
   */
  readonly endedBy?: "SIGTERM" | "SIGKILL";
  /** Called with each answer; true: it was the last that is needed. */
  readonly isEnough: (answer: Answer) => boolean | Promise<boolean>;
}

/**
 * Starts the shop as its task does and searches until it is enough: what was answered, in the order
 * of the answers.
 */
export async function searchShop(searches: Searches): Promise<readonly Answer[]> {
  const { queue: { configFile }, env = {}, endedBy = "SIGTERM", isEnough } = searches;
  const folder = { path: "", configFile, [Symbol.asyncDispose]: () => Promise.resolve() };
  await using shop = await startService(folder, { env });
  const answers: Answer[] = [];
  const began = performance.now();
  let isOver = false;
  let ended: Promise<Finished> | undefined;

  async function visit(visitor: number): Promise<void> {
    while (!isOver) {
      const asked = performance.now();
      assert.ok(asked - began < deadlineMs, `not enough after ${answers.length} searches`);
      const answer = await search(shop.url, visitor, asked);
      if (answer === undefined) {
        assert.ok(isOver && endedBy === "SIGKILL", "the shop did not answer");
        return;
      }
      answers.push(answer);
      if (isOver || !await isEnough(answer)) continue;
      isOver = true;
      if (endedBy === "SIGKILL") ended = shop.stop("SIGKILL");
    }
  }
  try {
    await Promise.all(Array.from({ length: visitors }, (_, n) => visit(n)));
  } finally {
    isOver = true;
  }
  ended ??= shop.stop("SIGTERM");
  const { code, stderr } = await ended;
  if (endedBy === "SIGTERM") assert.equal(code, 0, stderr);
  return answers;
}

/** Undefined: the shop went while it was asked. */
async function search(url: string, visitor: number, asked: number): Promise<Answer | undefined> {
  const response = await fetch(`${url}/api/books?q=the`).catch(() => undefined);
  const body = await response?.text().catch(() => undefined);
  if (response === undefined || body === undefined) return undefined;
  assert.equal(response.status, 200);
  const eventId = response.headers.get("x-event-id") ?? "";
  const status = response.headers.get("x-event-status") ?? "";
  assert.match(status, /^(accepted|pending|refused; reason=[a-z_]+)$/);
  return { visitor, eventId, status, ms: performance.now() - asked };
}

export const countOf = (answers: readonly Answer[], status: string): number =>
  answers.filter((answer) => answer.status.startsWith(status)).length;

/** The reasons for which events were refused, sorted. */
export const reasonsOf = (answers: readonly Answer[]): readonly string[] =>
  [...new Set(answers.flatMap(({ status }) => /reason=(.*)/.exec(status)?.[1] ?? []))].toSorted();

/**
 * How many accepted events are not in the log. Throws where one stands there twice, where one is
 * there that nobody was told of, or that was refused for certain, or where a visitor's events are
 * not in the order of its searches.
 *
 * @param isAll Whether `answers` are all that the log's shops ever gave; of those that were killed
 *   some are missing.
 */
export async function missingEvents(
  { directory }: ShopQueue,
  answers: readonly Answer[],
  isAll = true,
): Promise<number> {
  const stored: string[] = [];
  await using log = await openFileLog({ directory });
  for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
    for (const { headers } of records) {
      const id = headers.find(([name]) => name === "ce_id")?.[1];
      stored.push(new TextDecoder().decode(id ?? undefined));
    }
  }
  const places = new Map(stored.map((id, n) => [id, n]));
  assert.equal(places.size, stored.length, "an event stands twice");
  const known = new Set(answers.map(({ eventId }) => eventId));
  if (isAll) { for (const id of stored) assert.ok(known.has(id), "nobody was told of an event"); }
  for (let visitor = 0; visitor < visitors; visitor++) {
    const own = answers.filter((answer) => answer.visitor === visitor)
      .flatMap(({ eventId }) => places.get(eventId) ?? []);
    assert.deepEqual(own, own.toSorted((a, b) => a - b), `order of visitor ${visitor}`);
  }
  const refused = answers.filter(({ status }) => /=(full|unavailable)$/.test(status));
  for (const { eventId } of refused) assert.ok(!places.has(eventId), "a refused event stands");
  const accepted = answers.filter(({ status }) => status === "accepted");
  return accepted.filter(({ eventId }) => !places.has(eventId)).length;
}

/** How many segments the log has. */
export function segmentsIn({ directory }: ShopQueue): number {
  return [...Deno.readDirSync(`${directory}/${topic}`)]
    .filter(({ name }) => name.endsWith(".segment")).length;
}
