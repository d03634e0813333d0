/** Requests in forms that nobody thought of, made from what routes there are and what they take. */
import fc from "fast-check";
import { authorizations, cookies, visitorIds } from "./credentials.ts";

/** Every route, and the parameters of its query that it knows. */
export const routes: Readonly<Record<string, readonly string[]>> = {
  "GET /": ["q", "o", "c"],
  "GET /api/books": ["q", "o", "c"],
  "POST /api/books": [],
  "GET /api/books/:id": [],
  "PUT /api/books/:id": [],
  "DELETE /api/books/:id": [],
  "GET /api/trends": ["ps"],
  "GET /api/trends/misses": ["ps"],
  "GET /trends": ["ps"],
  "GET /api/recommendations": ["ps", "uid"],
  "GET /recommendations": ["ps", "uid"],
  "DELETE /api/visitors/:uid": [],
  "GET /api/events/:id": [],
  "GET /livez": [],
  "GET /readyz": [],
  "GET /metrics": [],
  "GET /assets/:name": [],
  "GET /favicon.svg": [],
  "GET /favicon.ico": [],
};

export interface HostileRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly isLocal: boolean;
}

const encoder = new TextEncoder();
const [uuid] = visitorIds;

const digits = fc.constantFrom("0", "1", "2", "10", "-1", "999999999", "9007199254740993", "1e3");
const cursors = fc.constantFrom("0-0-2", "1-17-3", "2-999999999999999-999999999", "0-0-1", "3-1-2");
const odd = fc.constantFrom(
  ..."\" * ( ) NEAR( OR AND NOT ^ : \u0000 \ud800 \u202e % %% _ \\ -- ; ' ` < > & = + # ? / .. ../.. ß ẞ İ ﬃ 𝕳 \u0301 \u200d \ufeff"
    .split(" "),
);
const texts = fc.oneof(
  digits,
  cursors,
  fc.constantFrom(uuid, "hunger", "the", "dune", ""),
  fc.array(fc.oneof(odd, fc.constantFrom("the", " ", "a", "hunger")), { maxLength: 8 })
    .map((all) => all.join(" ")),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.tuple(odd, fc.constantFrom(3, 200, 201, 2000)).map(([text, times]) => text.repeat(times)),
);

/** Well encoded, or not. */
const encoded = fc.oneof(
  { weight: 4, arbitrary: texts.map((text) => encodeURIComponent(text.toWellFormed())) },
  { weight: 1, arbitrary: fc.constantFrom("%", "%f", "%zz", "%ff", "%c0%80", "%ed%a0%80", "%00") },
  { weight: 1, arbitrary: texts.map((text) => text.replace(/[\s#?]/gu, "").toWellFormed()) },
);

function query(names: readonly string[]): fc.Arbitrary<string> {
  const known = names.length === 0 ? ["q"] : names;
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.constantFrom("Q", "%71", "q[]", "__proto__", "constructor", "") },
  );
  const pairs = fc.array(
    fc.tuple(name, fc.constantFrom("=", "=", "=", "", "=="), encoded).map((parts) =>
      parts.join("")
    ),
    { maxLength: 4 },
  );
  return pairs.map((all) => all.length === 0 ? "" : `?${all.join("&")}`);
}

function path(template: string): fc.Arbitrary<string> {
  const ids = template.includes(":uid")
    ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...visitorIds) }, encoded)
    : fc.oneof(digits, fc.constantFrom(uuid, "7", "8"), encoded);
  const endings = fc.oneof(
    { weight: 9, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom("/", "//", "/x", "%2f", ";a", ".") },
  );
  return fc.tuple(ids, endings)
    .map(([one, ending]) => template.replace(/:\w+/, () => one) + ending);
}

const values = fc.oneof(
  fc.constantFrom(
    "application/json",
    "application/json; charset=latin1",
    "text/html",
    "*/*",
    "*",
    '"a"',
    'W/"a", "b"',
    "127.0.0.1",
    "::1",
    "https",
    "bytes=0-1",
    "prefetch",
    "cross-site",
    "same-origin",
    "gzip",
    "100-continue",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "a=1,b=2",
  ),
  texts.map((text) => text.replace(/[^\u0020-\u007e\u00a0-\u00ff]/g, "")),
).map((value) => value.trim());
const headerNames = fc.constantFrom(
  "Accept",
  "Content-Encoding",
  "Content-Type",
  "Expect",
  "Forwarded",
  "Host",
  "If-Match",
  "If-None-Match",
  "Origin",
  "Purpose",
  "Range",
  "Sec-Fetch-Dest",
  "Sec-Fetch-Site",
  "Sec-Purpose",
  "traceparent",
  "tracestate",
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-HTTP-Method-Override",
  "X-Request-Id",
);

const field = fc.oneof(
  texts,
  fc.integer(),
  fc.constant(null),
  fc.constantFrom("1965", "0441172717"),
);
const wellFormed = fc.record({
  title: fc.constantFrom("Hunger", "Emma"),
  author: fc.constantFrom("Knut Hamsun", " x "),
  description: texts,
});
const book = fc.record({
  title: field,
  author: field,
  published_at: field,
  description: field,
  isbn: field,
  __proto__: field,
}, { requiredKeys: [] });
const bodies = fc.oneof(
  book.map((value) => JSON.stringify(value)),
  wellFormed.map((value) => JSON.stringify(value)),
  fc.json(),
  fc.constantFrom("", "{", "[]", "null", "[".repeat(30_000), '{"title":'.repeat(5000), "\ufeff{}"),
  fc.constant(JSON.stringify({ title: "x".repeat(70_000), author: "y" })),
).map((text) => encoder.encode(text));

const asJson = [["Content-Type", "application/json"] as const];
const shownBy = <Name extends string>(name: Name, shown: fc.Arbitrary<string>) =>
  fc.oneof(
    shown,
    fc.constantFrom(`uid=${uuid}`, `__Host-uid=${uuid}; uid=%`, "Bearer x"),
    values,
  ).map((value): readonly [string, string] => [name, value]);
const others = fc.array(
  fc.oneof(
    {
      weight: 2,
      arbitrary: fc.tuple(headerNames, values).filter(([name]) => name !== "Content-Type"),
    },
    { weight: 1, arbitrary: shownBy("Cookie", cookies) },
    { weight: 1, arbitrary: shownBy("Authorization", authorizations) },
  ),
  { maxLength: 4 },
);
const methods = fc.constantFrom(
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "PURGE",
);

/** Mostly a route that there is, asked with the method that it has. */
export const hostileRequests: fc.Arbitrary<HostileRequest> = fc
  .constantFrom(...Object.keys(routes)).chain((route) => {
    const [own = "GET", template = "/"] = route.split(" ");
    const targets = fc.oneof(
      { weight: 9, arbitrary: fc.tuple(path(template), query(routes[route] ?? [])) },
      { weight: 1, arbitrary: fc.tuple(encoded.map((text) => `/${text}`), query(["q"])) },
    );
    // The one route for whose sake visitors show who they are.
    const ofVisitor = fc.tuple(shownBy("Cookie", cookies), others)
      .map(([cookie, more]) => [cookie, ...more]);
    return fc.record({
      method: fc.oneof(
        { weight: 5, arbitrary: fc.constant(own) },
        { weight: 1, arbitrary: methods },
      ),
      target: targets.map((parts) => parts.join("")),
      headers: fc.oneof(
        { weight: 2, arbitrary: fc.constant(asJson) },
        { weight: 1, arbitrary: others },
        { weight: 2, arbitrary: others.map((more) => [...asJson, ...more]) },
        { weight: template.includes(":uid") ? 10 : 0, arbitrary: ofVisitor },
      ),
      body: fc.option(fc.oneof(bodies, fc.uint8Array({ maxLength: 200 }).map(copied)), {
        nil: undefined,
      }),
      isLocal: fc.constantFrom(true, true, true, false),
    });
  });

const copied = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);

/** The same as a client that writes into a socket what it likes. */
export function bytesOf(
  { method, target, headers, body }: HostileRequest,
): Uint8Array<ArrayBuffer> {
  const isHostGiven = headers.some(([name]) => name === "Host");
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...isHostGiven ? [] : ["Host: localhost"],
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...body === undefined ? [] : [`Content-Length: ${body.length}`],
  ];
  const head = encoder.encode(`${lines.join("\r\n")}\r\n\r\n`);
  const all = new Uint8Array(head.length + (body?.length ?? 0));
  all.set(head);
  if (body !== undefined) all.set(body, head.length);
  return all;
}
