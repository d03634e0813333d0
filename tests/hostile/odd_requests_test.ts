/**
 * Requests as bytes that no client library would send: each has the answer that is meant, by Deno's
 * server or by the shop, and the shop goes on.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { serviceFolder, startService } from "../e2e/service_process.ts";
import { shopConfig, token } from "./beside.ts";

const encoder = new TextEncoder();
const host = "Host: localhost\r\n";
const get = (more = "", target = "/api/books?q=hunger"): string =>
  `GET ${target} HTTP/1.1\r\n${host}${more}\r\n`;
const post = (more: string, body = ""): string =>
  `POST /api/books HTTP/1.1\r\n${host}Authorization: Bearer ${token}\r\n` +
  `Content-Type: application/json\r\n${more}\r\n${body}`;
const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join("");

/** What is sent, and the statuses of what comes. */
const requests: Readonly<Record<string, readonly [sent: string, ...statuses: number[]]>> = {
  "200 headers": [get(times(200, (n) => `X-${n}: a\r\n`)), 400],
  "a header of 300 KB": [get(`X-A: ${"a".repeat(300_000)}\r\n`), 400],
  "a query of 60 KB": [get("", `/api/books?q=${"a".repeat(60_000)}`), 400],
  "a query of 10,000 parameters": [get("", `/api/books?q=a${"&x=1".repeat(10_000)}`), 200],
  "one parameter 5,000 times": [get("", `/api/books?${"q=a&".repeat(5000)}`), 400],
  "cookies of 8 KB": [get(`Cookie: uid=${"a".repeat(8000)}; uid_sig=${"b".repeat(100)}\r\n`), 200],
  "a cookie of semicolons": [get(`Cookie: ${";".repeat(60_000)}\r\n`), 200],
  "10,000 ranges": [get(`Range: bytes=0-${",0-".repeat(10_000)}\r\n`, "/favicon.svg"), 200],
  "a method in lower case": [`get / HTTP/1.1\r\n${host}\r\n`, 405],
  "a method of 5,000 letters": [`${"A".repeat(5000)} / HTTP/1.1\r\n${host}\r\n`, 405],
  "CONNECT": [`CONNECT localhost:80 HTTP/1.1\r\n${host}\r\nhello`, 404],
  "OPTIONS *": [`OPTIONS * HTTP/1.1\r\n${host}\r\n`, 404],
  "GET *": [`GET * HTTP/1.1\r\n${host}\r\n`, 400],
  "another host in the request line": [get("", "http://evil.example/readyz"), 200],
  "a login in the request line": [get("", "http://a:b@localhost/livez"), 200],
  "another scheme in the request line": [get("", "ftp://localhost/livez"), 200],
  "two hosts": [`GET / HTTP/1.1\r\n${host}${host}\r\n`, 400],
  "a host with a login": ["GET /livez HTTP/1.1\r\nHost: a@localhost\r\n\r\n", 400],
  "HTTP/0.9": ["GET /\r\n", 400],
  "HTTP/2 in words": [`GET / HTTP/2.0\r\n${host}\r\n`, 400],
  "an upgrade to HTTP/2": [get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"), 200],
  "an upgrade to a WebSocket": [get("Connection: Upgrade\r\nUpgrade: websocket\r\n"), 200],
  "TLS": ["\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001", 400],
  "an expectation that is met": [
    post("Expect: 100-continue\r\nContent-Length: 2\r\n", "{}"),
    100,
    422,
  ],
  "an expectation that nobody knows": [post("Expect: much\r\nContent-Length: 2\r\n", "{}"), 422],
  "a packed body": [post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}"), 415],
  "a length and chunks": [
    post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", `2\r\n{}\r\n0\r\n\r\n${get()}`),
    400,
  ],
  "two lengths": [post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), 400],
  "a length below nothing": [post("Content-Length: -1\r\n", "{}"), 400],
  "a length beyond numbers": [post("Content-Length: 99999999999999999999\r\n", "{}"), 400],
  "another coding": [post("Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n", "{}"), 400],
  "chunks with an endless extension": [
    post("Transfer-Encoding: chunked\r\n", `2;a=${"b".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
    400,
  ],
  "500 trailers": [
    post(
      "Transfer-Encoding: chunked\r\n",
      `2\r\n{}\r\n0\r\n${times(500, (n) => `X${n}: a\r\n`)}\r\n`,
    ),
    422,
  ],
  "a GET with a body, and another one": [get("Content-Length: 5\r\n") + "hello" + get(), 200, 200],
  "a header over two lines": [get("X: a\r\n b\r\n"), 400],
  "a header with a NUL": [get("X: a\u0000b\r\n"), 400],
  "a token beyond Latin": [post("Content-Length: 2\r\n", "{}").replace(token, "tökén\u202e"), 401],
  "a token of 10,000 letters": [
    post("Content-Length: 2\r\n", "{}").replace(token, "a".repeat(10_000)),
    401,
  ],
};

/** Longer, and nothing more comes. */
const silentMs = 20_000;

/** Sends it and reads until so many answers have begun, or the server closes. */
async function answersTo(url: string, sent: string, wanted: number): Promise<readonly number[]> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const timer = setTimeout(() => connection.close(), silentMs);
  let text = "";
  const statuses = () =>
    [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  const write = async () => {
    const bytes = encoder.encode(sent);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  };
  try {
    // Where the server closes at once, it has answered all the same.
    const written = write().catch(() => {});
    const buffer = new Uint8Array(65_536);
    while (statuses().length < wanted) {
      const count = await connection.read(buffer);
      if (count === null) break;
      text += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    }
    await written;
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  } finally {
    clearTimeout(timer);
  }
  return statuses();
}

describe("requests that no client library sends", () => {
  it("have the answers that are meant, and the shop goes on", async () => {
    await using folder = await serviceFolder(shopConfig(10));
    await using shop = await startService(folder);
    for (const [name, [sent, ...statuses]] of Object.entries(requests)) {
      assert.deepEqual(await answersTo(shop.url, sent, statuses.length), statuses, name);
      assert.equal((await (await fetch(`${shop.url}/livez`)).json()).status, "ok", name);
    }
    const { code, stderr } = await shop.stop();
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /"level":"ERROR"/);
  });
});
