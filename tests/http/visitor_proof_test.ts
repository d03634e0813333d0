/**
 * Who only knows another visitor's name gets nothing by it: it cannot poison what is recommended to
 * that visitor, see it by the cookie, or have it forgotten.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ReadModelReaders } from "../../src/composition/wire_shop.ts";
import { searchedEventOf } from "../../src/use_cases/searched_event.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { type OpenApp, openApp } from "./open_app.ts";

const victim = "0b0f3f3c-7d1b-4a52-9c1e-5f1f0a4c2b11";

/** What a browser has after an answer: names and values. */
function jar(response: Response): Map<string, string> {
  return new Map(
    response.headers.getSetCookie().map((cookie) => {
      const [name = "", value = ""] = cookie.split(";", 1)[0]?.split("=") ?? [];
      return [name, value] as const;
    }),
  );
}

const cookies = (jar: ReadonlyMap<string, string>): RequestInit => ({
  headers: { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
});

function readers() {
  const asked: string[] = [];
  const forgotten: string[] = [];
  const readModels: ReadModelReaders = {
    interests: {
      interestsOf(id) {
        asked.push(id);
        return Promise.resolve([{ bookId: 1, title: "Secret", author: "S", score: 1 }]);
      },
      forget(id) {
        forgotten.push(id);
        return Promise.resolve();
      },
    },
    trendMinSearches: 3,
  };
  return { readModels, asked, forgotten };
}

/** For whom a consumer of ours counts an event. */
async function countedFor({ key, value, headers = [] }: EventRecord): Promise<string | undefined> {
  const bytes = typeof key === "string" ? new TextEncoder().encode(key) : key ?? null;
  const stored = { key: bytes, value, headers, timestamp: 1, offset: 0n };
  return (await searchedEventOf({ topic: "t", partition: 0 }, stored)).visitorId;
}

const last = ({ queue }: OpenApp): EventRecord => {
  const record = queue.publishes.at(-1)?.record;
  assert.ok(record);
  return record;
};

/** All that a stranger may send with the victim's name. */
async function forgeries(open: OpenApp): Promise<Record<string, RequestInit>> {
  const own = jar(await open.app.request("/"));
  const proof = own.get("uid_sig") ?? "";
  const named = (more: Record<string, string>) =>
    cookies(new Map(Object.entries({ uid: victim, ...more })));
  return {
    "no proof": named({}),
    "an empty proof": named({ uid_sig: "" }),
    "their own proof": named({ uid_sig: proof }),
    "a proof cut short": named({ uid_sig: proof.slice(0, -1) }),
    "a proof in other letters": named({ uid_sig: "é".repeat(43) }),
    "the victim under another name": cookies(
      new Map([["__Host-uid", victim], ["uid", own.get("uid") ?? ""], ["uid_sig", proof]]),
    ),
  };
}

describe("a visitor's name without its proof", () => {
  it("is in the event's key, and counts for nobody", async () => {
    const open = openApp([{ title: "Dune" }], readers());
    for (const [name, init] of Object.entries(await forgeries(open))) {
      for (const path of ["/api/books?q=dune", "/?q=dune"]) {
        await open.app.request(path, init);
        assert.equal(last(open).key, `dune:${victim}`, name);
        assert.equal(await countedFor(last(open)), undefined, `${name} at ${path}`);
      }
    }
  });

  it("shows nothing of that visitor, and is replaced", async () => {
    const { readModels, asked } = readers();
    const open = openApp([], { readModels });
    for (const [name, init] of Object.entries(await forgeries(open))) {
      asked.length = 0;
      const page = await open.app.request("/", init);
      assert.doesNotMatch(await page.text(), /Secret/, name);
      const given = jar(page).get("uid");
      assert.ok(given !== undefined && given !== victim, name);
      assert.deepEqual(await (await open.app.request("/recommendations", init)).json(), [], name);
      assert.deepEqual(asked, [], name);
    }
  });

  it("lets nobody have that visitor forgotten", async () => {
    const { readModels, forgotten } = readers();
    const open = openApp([], { readModels, operatorToken: "a-token-of-thirty-two-characters" });
    for (const [name, init] of Object.entries(await forgeries(open))) {
      const response = await open.app.request(`/api/visitors/${victim}`, {
        ...init,
        method: "DELETE",
      });
      assert.deepEqual([response.status, forgotten], [401, []], name);
    }
  });
});

describe("a visitor's name with its proof", () => {
  it("counts for that visitor, shows what is theirs, and is forgotten with them", async () => {
    const { readModels, asked, forgotten } = readers();
    const open = openApp([{ title: "Dune" }], { readModels });
    const first = await open.app.request("/?q=dune");
    const known = cookies(jar(first));
    const uid = jar(first).get("uid") ?? "";
    assert.equal(await countedFor(last(open)), uid);
    const again = await open.app.request("/?q=dune", known);
    assert.deepEqual(again.headers.getSetCookie(), []);
    assert.match(await again.text(), /Secret/);
    await open.app.request("/api/books?q=dune", known);
    assert.deepEqual(open.keys(), Array(3).fill(`dune:${uid}`));
    assert.equal(await countedFor(last(open)), uid);
    assert.ok(asked.every((id) => id === uid));
    const method = "DELETE";
    const gone = await open.app.request(`/api/visitors/${uid}`, { ...known, method });
    assert.deepEqual([gone.status, forgotten], [200, [uid]]);
    assert.deepEqual([...jar(gone)], [["uid", ""], ["uid_sig", ""]]);
  });

  it("holds for all processes with the secret, and for no others", async () => {
    const visitorSecret = "one-secret-of-thirty-two-characters";
    const given = jar(await openApp([], { visitorSecret }).app.request("/"));
    const isKnown = async (visitorSecret: string) =>
      (await openApp([], { visitorSecret }).app.request("/", cookies(given)))
        .headers.getSetCookie().length === 0;
    assert.equal(await isKnown(visitorSecret), true);
    assert.equal(await isKnown("other-secret-of-thirty-two-letters"), false);
  });
});
