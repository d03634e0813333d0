/** Records in both formats, whatever their bytes. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { recordFormats } from "../../src/cli/format_record.ts";
import type { StoredRecord } from "../../src/ports/event_record.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const place = { topic: "t", partition: 3 };
const stored = (given: Partial<StoredRecord>): StoredRecord => ({
  key: null,
  value: null,
  headers: [],
  timestamp: 5,
  offset: 2n ** 60n,
  ...given,
});

describe("--format text", () => {
  const cases: readonly (readonly [name: string, given: Partial<StoredRecord>, shown: string])[] = [
    [
      "key and value",
      { key: bytes("hunger"), value: bytes('[{"a":"\\n"}]') },
      'key=hunger, value=[{"a":"\\n"}]',
    ],
    ["no key, no value", {}, "key=null, value=null"],
    ["empty ones", { key: bytes(""), value: bytes("") }, "key=, value="],
    ["a byte order mark", { value: bytes("\ufeffa") }, "key=null, value=\ufeffa"],
    [
      "control characters",
      { value: bytes("a\nb\r\t\x1b[2J\x9b\u202e\u2028") },
      "key=null, value=a\\nb\\r\\t\\u001b[2J\\u009b\\u202e\\u2028",
    ],
    ["bytes that are no text", { value: Uint8Array.of(0, 255) }, "key=null, value=base64:AP8="],
    ["emoji and right-to-left letters", { key: bytes("📚 שלום") }, "key=📚 שלום, value=null"],
  ];
  for (const [name, given, shown] of cases) {
    it(`shows ${name}`, () => {
      assert.equal(
        recordFormats.text(place, stored(given)),
        `Consumed message from topic t: ${shown}`,
      );
    });
  }
});

describe("--format json", () => {
  it("prints a header's null as null, and a time of 64 bits digit by digit", () => {
    const line = recordFormats.json(place, {
      ...stored({ headers: [["h", null], ["e", new Uint8Array(0)]] }),
      timestamp: Number(2n ** 63n - 1n),
      exactTimestamp: 2n ** 63n - 1n,
    });
    assert.match(line, /"timestamp":9223372036854775807,/);
    assert.deepEqual(JSON.parse(line).headers, [["h", null], ["e", ""]]);
  });

  it("has everything of a record", () => {
    const headers = [["h", bytes("x")], ["h", Uint8Array.of(255)], ["e", bytes("")]] as const;
    assert.deepEqual(
      JSON.parse(
        recordFormats.json(place, stored({ key: bytes("k"), value: bytes("v"), headers })),
      ),
      {
        topic: "t",
        partition: 3,
        offset: "1152921504606846976",
        timestamp: 5,
        key: "k",
        value: "v",
        headers: [["h", "x"], ["h", { base64: "/w==" }], ["e", ""]],
      },
    );
  });

  it("is one line that gives a terminal no orders, and exact", () => {
    // deno-lint-ignore no-control-regex -- control characters are what must not be there
    const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
    const key = fc.oneof(
      fc.constant(null),
      fc.uint8Array(),
      fc.string({ unit: "binary" }).map(bytes),
    );
    fc.assert(fc.property(key, key, (key, value) => {
      const line = recordFormats.json(place, stored({ key, value }));
      assert.doesNotMatch(line, control);
      assert.doesNotMatch(recordFormats.text(place, stored({ key, value })), control);
      const parsed = JSON.parse(line);
      const back = (text: unknown, base64: unknown) => {
        if (typeof base64 === "string") return Uint8Array.fromBase64(base64);
        return typeof text === "string" ? bytes(text) : null;
      };
      assert.deepEqual(back(parsed.key, parsed.key_base64), key);
      assert.deepEqual(back(parsed.value, parsed.value_base64), value);
    }));
  });
});
