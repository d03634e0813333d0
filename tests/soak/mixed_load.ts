/**
 * What a shop does all day, at even rates: searches by the API and on the page, by visitors who
 * come back, trends and recommendations that are looked at, books that come and go.
 */
import assert from "node:assert/strict";
import { type AnsweredSearch, startSearchLoad } from "../faults/kafka/search_load.ts";

export interface MixedLoad extends AsyncDisposable {
  /** All searches, of each key in order. */
  answered(): readonly AnsweredSearch[];
  /** What happened to searches that were not answered with 200 and an event. */
  searchFailures(): readonly string[];
  /** What happened to all other requests that were not answered as they should. */
  readonly otherFailures: readonly string[];
  /** How many of those there were. */
  others(): number;
  /** Resolves when all that was asked is answered. */
  stop(): Promise<void>;
}

const searchesPerSecond = 24;
const words = ["the", "love", "night", "king", "dark"];
const keptBooks = 20;

export function startMixedLoad(url: string): MixedLoad {
  const searches = startSearchLoad(url, searchesPerSecond);
  const stopping = new AbortController();
  const onPages: AnsweredSearch[] = [];
  const pageFailures: string[] = [];
  const otherFailures: string[] = [];
  let others = 0;

  /** Does it again and again, until the end. */
  async function repeat(everyMs: number, failures: string[], deed: () => Promise<void>) {
    while (!stopping.signal.aborted) {
      const due = pause(everyMs, stopping.signal);
      await deed().catch((error) => failures.push(String(error)));
      await due;
    }
  }

  async function ask(path: string, init: RequestInit, status: number): Promise<Response> {
    const response = await fetch(url + path, init);
    const body = await response.clone().text();
    const what = `${init.method ?? "GET"} ${path}: ${response.status} ${body.slice(0, 200)}`;
    assert.equal(response.status, status, what);
    return response;
  }

  function visitor(): Promise<void> {
    let cookies = "";
    let turn = 0;
    return repeat(1000, pageFailures, async () => {
      const word = words[turn++ % words.length] ?? "";
      const began = performance.now();
      const { headers } = await ask(`/?q=${word}`, { headers: { Cookie: cookies } }, 200);
      const given = headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0]);
      if (given.length > 0) cookies = given.join("; ");
      const [, uid = ""] = /uid=([0-9a-f-]{36})/.exec(cookies) ?? [];
      const [id, status] = [headers.get("x-event-id"), headers.get("x-event-status")];
      assert.ok(id !== null && status !== null, "the page was no event");
      const ms = performance.now() - began;
      onPages.push({ id, key: `${word}:${uid}`, status, phase: "page", ms });
    });
  }

  function reader(): Promise<void> {
    const paths = ["/api/trends", "/api/trends/misses", "/api/recommendations", "/api/books?o=50"];
    let turn = 0;
    return repeat(500, otherFailures, async () => {
      others++;
      await ask(paths[turn++ % paths.length] ?? "", {}, 200);
    });
  }

  function bookseller(): Promise<void> {
    const added: string[] = [];
    return repeat(1000, otherFailures, async () => {
      others++;
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ title: `Soaked ${crypto.randomUUID()}`, author: "A. Tester" });
      const { headers: told } = await ask("/api/books", { method: "POST", headers, body }, 201);
      added.push(told.get("Location") ?? "");
      if (added.length > keptBooks) await ask(added.shift() ?? "", { method: "DELETE" }, 204);
    });
  }

  const working = Promise.all([visitor(), visitor(), visitor(), visitor(), reader(), bookseller()]);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all([working, searches.stop()]);
  };
  return {
    answered: () => [...searches.answered, ...onPages],
    searchFailures: () => [...searches.failures, ...pageFailures],
    otherFailures,
    others: () => others,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Ends early where the signal comes. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}
