/** The page: what a person sees, and the cookie that makes a visitor. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { StoreError } from "../../src/ports/store_error.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { cookiesOf, openApp } from "./open_app.ts";

const dunes = Array.from({ length: 7 }, (_, index) => ({ title: `Dune ${index + 1}` }));
const cookieForm =
  /^uid=([0-9a-f-]{36}); Max-Age=2592000; Path=\/; HttpOnly;( Secure;)? SameSite=Lax$/;

function uidOf(response: Response): string | undefined {
  return cookieForm.exec(response.headers.getSetCookie()[0] ?? "")?.[1];
}

function linksOf(html: string): string[] {
  return [...html.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, link = ""]) =>
    link.replaceAll("&amp;", "&")
  );
}

describe("GET /", () => {
  it("shows the shelf and a search box", async () => {
    const { app, queue } = openApp(dunes);
    const response = await app.request("/");
    assert.match(response.headers.get("Content-Type") ?? "", /^text\/html/);
    const html = await response.text();
    assert.match(html, /^<!DOCTYPE html><html lang="en">/);
    assert.match(html, /<label for="q">/);
    assert.match(html, /Dune 1.*Dune 2.*Dune 3/s);
    assert.equal(queue.publishes.length, 0);
  });

  it("leads through the pages of a search and back", async () => {
    const { app } = openApp(dunes);
    const second = await (await app.request("/?q=dune&o=3")).text();
    assert.match(second, /Books 4 to 6, and there are more/);
    assert.match(second, /<ol class="books" start="4">/);
    const links = linksOf(second);
    assert.ok(links.includes("/?q=dune&c=1-6-3") && links.includes("/?q=dune"));

    const last = await (await app.request("/?q=dune&o=6")).text();
    assert.match(last, /Book 7 of 7/);
    assert.doesNotMatch(last, /rel="next"/);
    const beyond = await (await app.request("/?q=dune&o=9")).text();
    assert.match(beyond, /There are no more books/);
  });

  it("has no character of its own that would make a page of twice the size in memory", async () => {
    const { app } = openApp(dunes);
    for (const path of ["/", "/?q=dune&o=3", "/?q=emma", "/?q=dune&o=9", "/nowhere"]) {
      const response = await app.request(path, { headers: { Accept: "text/html" } });
      const beyond = [...await response.text()].filter((character) => character > "\xff");
      assert.deepEqual(beyond, [], path);
    }
  });

  it("says so where nothing is found", async () => {
    const { app } = openApp(dunes);
    assert.match(await (await app.request("/?q=emma")).text(), /No book has all of these words/);
    assert.match(await (await openApp().app.request("/")).text(), /The shelf is still empty/);
  });

  it("shows what became of the search's event", async () => {
    const { app, queue } = openApp(dunes);
    const accepted = await app.request("/?q=dune");
    assert.equal(accepted.headers.get("X-Event-Status"), "accepted");
    assert.match(await accepted.text(), /accepted: <code>0{8}-0{4}-70{3}-80{3}-0{11}1<\/code>/);
    queue.behaviour = { reject: new QueueError("full", "No room") };
    const refused = await app.request("/?q=dune");
    assert.equal(refused.status, 200);
    assert.match(await refused.text(), /refused the event of this search \(full\)/);
  });

  it("escapes whatever is typed and whatever books are called", async () => {
    const evil = `"><script>alert(1)</script>'&`;
    const { app } = openApp([{ title: evil, author: evil, description: evil, published_at: evil }]);
    const html = await (await app.request(`/?q=${encodeURIComponent(evil)}`)).text();
    assert.doesNotMatch(html, /<script/);
    assert.match(html, /value="&quot;&gt;&lt;script&gt;/);
    const error = await (await app.request(`/?o=${encodeURIComponent(evil)}`)).text();
    assert.doesNotMatch(error, /<script/);
  });

  it("keeps what was typed where it is too long, and speaks to people", async () => {
    const { app } = openApp(dunes);
    const query = "ab ".repeat(72);
    const response = await app.request(`/?q=${encodeURIComponent(query)}`);
    assert.equal(response.status, 400);
    const html = await response.text();
    assert.ok(html.includes(`value="${query}"`));
    assert.match(html, /Your search has 216 characters. It may have 200: please shorten it/);
    const [people = "", developers = ""] = html.split("<details");
    for (const word of ["arameter", "hexadecimal", "request-", "wanted"]) {
      assert.ok(!people.includes(word), word);
    }
    assert.match(developers, /request-1/);
    const broken = await (await app.request("/?q=%")).text();
    assert.match(broken, /The address of the page is damaged/);
    assert.doesNotMatch(broken.split("<details")[0] ?? "", /hexadecimal/);
  });

  it("its search box takes no more than a search may have", async () => {
    const { app } = openApp();
    assert.match(await (await app.request("/")).text(), /<input[^>]* maxlength="200"/);
  });

  it("keeps what only developers ask for in a fold", async () => {
    const { app } = openApp(dunes);
    const [people = "", developers = ""] = (await (await app.request("/?q=dune")).text())
      .split("<details");
    assert.doesNotMatch(people, /event|00000000-0000/);
    assert.match(developers, /For developers.*This search is an event/s);
  });

  it("says whose data the starter shelf is", async () => {
    const { app } = openApp();
    for (const path of ["/", "/?q=x", "/?o=x"]) {
      assert.match(await (await app.request(path)).text(), /goodbooks-10k.*CC BY-SA 4\.0/s);
    }
  });

  it("is a page too where something is wrong", async () => {
    const { app, catalogue } = openApp(dunes);
    const bad = await app.request("/?q=dune&o=x");
    assert.equal(bad.status, 400);
    assert.match(bad.headers.get("Content-Type") ?? "", /^text\/html/);
    const page = await bad.text();
    assert.match(page, /We could not search for that.*request-1/s);
    assert.match(page, /value="dune"/);

    catalogue.fault = new StoreError("unavailable", "ECONNREFUSED");
    const away = await app.request("/?q=dune");
    assert.equal(away.status, 503);
    assert.equal(away.headers.get("Retry-After"), "5");
    assert.match(await away.text(), /The shelf is away for a moment/);

    const browser = { headers: { Accept: "text/html,*/*" } };
    const nowhere = await app.request("/nowhere", browser);
    assert.match(nowhere.headers.get("Content-Type") ?? "", /^text\/html/);
    const api = await app.request("/api/nowhere", browser);
    assert.equal(api.headers.get("Content-Type"), "application/problem+json");
  });
});

describe("the visitor's cookie", () => {
  it("is given on the first visit and in that visit's key, then kept", async () => {
    const { app, keys } = openApp(dunes);
    const first = await app.request("/?q=dune");
    const uid = uidOf(first);
    assert.ok(uid !== undefined);
    const headers = { Cookie: cookiesOf(uid) };
    const second = await app.request("/?q=dune", { headers });
    assert.equal(second.headers.get("Set-Cookie"), null);
    await app.request("/api/books?q=dune", { headers });
    assert.deepEqual(keys(), [`dune:${uid}`, `dune:${uid}`, `dune:${uid}`]);
  });

  it("is replaced where we cannot have given it", async () => {
    const { app } = openApp(dunes);
    const bad = ["x", "", "0b0f3f3c-7d1b-1a52-9c1e-5f1f0a4c2b11", "a:b", "'; drop table books"];
    for (const value of bad) {
      const response = await app.request("/", { headers: { Cookie: `uid=${value}` } });
      assert.ok(uidOf(response) !== undefined, value);
    }
  });

  it("is Secure over https, also behind a proxy that says so", async () => {
    const { app } = openApp(dunes);
    const isSecure = async (url: string, proto?: string) => {
      const headers: HeadersInit = proto === undefined ? {} : { "X-Forwarded-Proto": proto };
      const cookie = (await app.request(url, { headers })).headers.get("Set-Cookie") ?? "";
      return cookie.includes("; Secure");
    };
    assert.equal(await isSecure("http://localhost/"), false);
    assert.equal(await isSecure("https://localhost/"), true);
    assert.equal(await isSecure("http://localhost/", "https, http"), true);
    assert.equal(await isSecure("http://localhost/", "http"), false);
  });
});

describe("what the page needs", () => {
  it("is all from here, and is there", async () => {
    const { app } = openApp(dunes);
    const html = await (await app.request("/?q=dune&o=3")).text();
    const isAttribution = (link: string) => /^https:.*(goodbooks-10k|by-sa)/.test(link);
    const links = linksOf(html).filter((link) => !link.startsWith("#") && !isAttribution(link));
    assert.ok(links.length > 5);
    for (const link of links) {
      assert.match(link, /^\/(?!\/)/);
      assert.equal((await app.request(link)).status, 200, link);
    }
    assert.doesNotMatch(html, /<script|style=|<style| on[a-z]+=/);
  });

  it("may be kept: the stylesheet for ever, under a name of its contents", async () => {
    const { app } = openApp();
    const html = await (await app.request("/")).text();
    const path = linksOf(html).find((link) => link.endsWith(".css")) ?? "";
    assert.match(path, /^\/assets\/page-[0-9a-f]{8}\.css$/);
    const { headers } = await app.request(path);
    assert.equal(headers.get("Content-Type"), "text/css; charset=utf-8");
    assert.match(headers.get("Cache-Control") ?? "", /immutable/);
    assert.equal((await app.request("/assets/page-00000000.css")).status, 404);
    const icon = await app.request("/favicon.ico");
    assert.equal(icon.headers.get("Content-Type"), "image/svg+xml");
  });

  it("runs under a policy that allows nothing else, on every answer", async () => {
    const { app } = openApp();
    for (const path of ["/", "/?o=x", "/api/books", "/nowhere", "/favicon.svg"]) {
      const { headers } = await app.request(path);
      assert.match(
        headers.get("Content-Security-Policy") ?? "",
        /^default-src 'none'; style-src 'self'/,
      );
      assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
      assert.equal(headers.get("Referrer-Policy"), "same-origin");
    }
  });
});
