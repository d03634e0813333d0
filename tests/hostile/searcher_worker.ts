/**
 * An ordinary client on a thread of its own, which nothing that a test does holds up: it searches,
 * one after the other, and says how long each took.
 */
/// <reference lib="deno.worker" />
export interface SearcherTask {
  readonly url: string;
  readonly localAddress: string;
}

/** Of one search: in milliseconds, or what was wrong with its answer. */
export type Searched = number | string;

/** Ten a second and more are enough to know; more would be a load themselves. */
const pauseMs = 20;

self.onmessage = async ({ data: { url, localAddress } }: MessageEvent<SearcherTask>) => {
  const client = Deno.createHttpClient({ localAddress });

  async function search(): Promise<Searched> {
    const startedAt = performance.now();
    const response = await fetch(`${url}/api/books?q=hunger`, { client });
    await response.body?.cancel();
    const tookMs = performance.now() - startedAt;
    const event = response.headers.get("X-Event-Status") ?? "";
    const isGood = response.status === 200 && /^(?:accepted|pending)$/.test(event);
    return isGood ? tookMs : `${response.status}, event "${event}"`;
  }

  for (;;) {
    self.postMessage(await search().catch((error: unknown): Searched => String(error)));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
};
