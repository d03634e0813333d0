/** Logs that lie about what a record holds. */
import type { EventRecord, RecordHeader } from "../../../src/ports/event_record.ts";
import { encodeKey } from "../../../src/ports/validate_record.ts";
import { bytes, text } from "../law.ts";
import { type Distortion, giving, keeping, reporting } from "./distort.ts";
import type { Lie } from "./lie.ts";

const values = "P2 the bytes of a value are exact";
const headers = "P3 headers come back";
const many = "P3 headers may be many";
const refused = "P3 a header without a name";
const keys = "P4 keys are exact";
const times = "P5 a timestamp is kept";

const value = (change: (value: Uint8Array | null) => Uint8Array | null): Distortion =>
  keeping((record) => ({ ...record, value: change(record.value) }));

const header = (change: (headers: readonly RecordHeader[]) => readonly RecordHeader[]) =>
  keeping((record) => ({ ...record, headers: change(record.headers ?? []) }));

const named = (change: (name: string) => string): Distortion =>
  header((all) => all.map(([name, value]) => [change(name), value]));

const key = (change: (key: Uint8Array | undefined) => Uint8Array | undefined): Distortion =>
  keeping(({ key: given, ...record }) => {
    const changed = change(given === undefined ? undefined : encodeKey(given));
    return changed === undefined ? record : { ...record, key: changed };
  });

const time = (change: (timestamp: number | undefined) => number | undefined): Distortion =>
  keeping(({ timestamp, ...record }): EventRecord => {
    const changed = change(timestamp);
    return changed === undefined ? record : { ...record, timestamp: changed };
  });

const sortByName = (a: RecordHeader, b: RecordHeader) => a[0] < b[0] ? -1 : 1;

/** P2–P5: logs that keep something else than what they were given. */
export const contentLies: readonly Lie[] = [
  {
    lie: "takes a tombstone for no bytes",
    law: values,
    says: /value "tombstone" is 0 bytes, wanted null/,
    told: () => value((given) => given ?? new Uint8Array(0)),
  },
  {
    lie: "takes no bytes for a tombstone",
    law: values,
    says: /value "no bytes" is null, wanted 0 bytes/,
    told: () => value((given) => given?.length === 0 ? null : given),
  },
  {
    lie: "takes values for text",
    law: values,
    says: /value "all bytes" is \d+ bytes, wanted 256/,
    told: () => value((given) => given?.length === 256 ? bytes(text(given)) : given),
  },
  {
    lie: "cuts values at 500,000 bytes",
    law: values,
    says: /value "large" is 500000 bytes/,
    told: () => value((given) => given?.subarray(0, 500_000) ?? null),
  },
  {
    lie: "flips a bit of a large value",
    law: values,
    says: /value "large" has another byte at 900000/,
    told: () =>
      value((given) => given?.map((byte, at) => at === 900_000 ? byte ^ 1 : byte) ?? null),
  },
  {
    lie: "keeps the whole buffer behind a view",
    law: "P2 a view into a larger buffer",
    says: /<key><value>/,
    told: () => value((given) => given && new Uint8Array(given.buffer as ArrayBuffer)),
  },
  {
    lie: "loses the last header",
    law: headers,
    says: /header 9 is undefined, wanted "none at all"/,
    told: () => header((all) => all.slice(0, -1)),
  },
  {
    lie: "keeps one header of each name",
    law: headers,
    says: /value of header "a" is 3 bytes, wanted 5/,
    told: () => header((all) => [...new Map(all)]),
  },
  {
    lie: "sorts headers by name",
    law: headers,
    says: /header 0 is " spaced ", wanted "b"/,
    told: () => header((all) => all.toSorted(sortByName)),
  },
  {
    lie: "lower-cases the names of headers",
    law: headers,
    says: /header 5 is "upper-case", wanted "Upper-Case"/,
    told: () => named((name) => name.toLowerCase()),
  },
  {
    lie: "trims the names of headers",
    law: headers,
    says: /header 7 is "spaced", wanted " spaced "/,
    told: () => named((name) => name.trim()),
  },
  {
    lie: "keeps headers in a plain object",
    law: headers,
    says: /header \d is/,
    told: () => header((all) => Object.entries(Object.fromEntries(all))),
  },
  {
    lie: "drops headers without bytes",
    law: headers,
    says: /header 3 is "a", wanted "naïve name ✓"/,
    told: () => header((all) => all.filter(([, value]) => value?.length !== 0)),
  },
  {
    lie: "reads a header's null as no bytes",
    law: headers,
    says: /value of header "none at all"/,
    told: () => header((all) => all.map(([name, value]) => [name, value ?? new Uint8Array(0)])),
  },
  {
    lie: "takes the values of headers for text",
    law: headers,
    says: /value of header "a"/,
    told: () => header((all) => all.map(([name, value]) => [name, bytes(text(value))])),
  },
  {
    lie: "adds a header of its own",
    law: headers,
    says: /x-log/,
    told: () => header((all) => [...all, ["x-log", bytes("1")]]),
  },
  {
    lie: "drops headers beyond the twentieth",
    law: many,
    says: /header 20 is undefined, wanted "h17"/,
    told: () => header((all) => all.slice(0, 20)),
  },
  {
    lie: "drops headers over 1,000 bytes",
    law: many,
    says: /header 2 is "h0", wanted "long"/,
    told: () => header((all) => all.filter(([, value]) => (value?.length ?? 0) <= 1000)),
  },
  {
    lie: "cuts the names of headers at 100 characters",
    law: many,
    says: /header 0 is "x+", wanted "x+"/,
    told: () => named((name) => name.slice(0, 100)),
  },
  {
    lie: "drops a header without a value instead of refusing it",
    law: refused,
    says: /resolved with .*, wanted a "invalid_record" error/,
    told: () => header((all) => all.filter(([, value]) => value !== undefined)),
  },
  {
    lie: "takes a header that lacks a value for one with none",
    law: refused,
    says: /wanted a "invalid_record" error/,
    told: () => header((all) => all.map(([name, value]) => [name, value ?? null])),
  },
  {
    lie: "cuts keys at 1,000 bytes",
    law: keys,
    says: /key 7 is 1000 bytes, wanted 100000/,
    told: () => key((given) => given?.subarray(0, 1000)),
  },
  {
    lie: "takes no key for an empty one",
    law: keys,
    says: /no key is 0 bytes, wanted null/,
    told: () => key((given) => given ?? new Uint8Array(0)),
  },
  {
    lie: "takes an empty key for none",
    law: keys,
    says: /key 1 is null, wanted 0 bytes/,
    told: () => key((given) => given?.length === 0 ? undefined : given),
  },
  {
    lie: "takes keys for text",
    law: keys,
    says: /key 6 is \d+ bytes, wanted 3/,
    told: () => key((given) => given && bytes(text(given))),
  },
  {
    lie: "trims keys",
    law: keys,
    says: /key 4 is 4 bytes, wanted 6/,
    told: () => key((given) => given && (given.length === 6 ? bytes(text(given).trim()) : given)),
  },
  {
    lie: "keeps times in seconds",
    law: times,
    says: /1582977600000/,
    told: () => time((given) => given && given - given % 1000),
  },
  {
    lie: "gives every record the present",
    law: times,
    says: /1582977600123/,
    told: () => time(() => undefined),
  },
  {
    lie: "takes time 0 for none",
    law: times,
    says: /\+|-/,
    told: () => time((given) => given || undefined),
  },
  {
    lie: "gives a record without a time the year 1970",
    law: times,
    says: /^0 is not the present/,
    told: () => time((given) => given ?? 0),
  },
  {
    lie: "reports another time than it keeps",
    law: times,
    says: /\+|-/,
    told: () => reporting((report) => ({ ...report, timestamp: report.timestamp + 1 })),
  },
  {
    lie: "begins a trace of its own where it hands a record out",
    law: "K6 the trace context of a record",
    says: /^Expected values to be strictly deep-equal/,
    told: () =>
      giving((record) => ({
        ...record,
        headers: record.headers.map(([name, value]) =>
          name === "traceparent" ? [name, bytes("00-1-1-00")] : [name, value]
        ),
      })),
  },
];
