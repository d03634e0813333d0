/** `produce`: what is published of what it is given. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord, StoredRecord } from "../../src/ports/event_record.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { kept, runCommand, startCommand, until } from "./run_command.ts";

const topic = "lr-book-searches";

/** Runs `produce` on an empty log, and reads what stands in it then. */
async function produce(
  args: readonly string[],
  given: Parameters<typeof runCommand>[1] = {},
  name = topic,
) {
  const log = openMemoryLog();
  const result = await runCommand(["produce", ...args], { log: kept(log), ...given });
  const records = await read(log, name);
  await log[Symbol.asyncDispose]();
  return { ...result, records };
}

async function read(log: EventLog, name = topic): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  try {
    for await (const batch of log.subscribe(name, { from: "earliest", until: "end" })) {
      records.push(...batch.records);
    }
  } catch (error) {
    if (!(error instanceof QueueError && error.code === "unknown_topic")) throw error;
  }
  return records;
}

const text = (bytes: Uint8Array | null | undefined) =>
  bytes === null || bytes === undefined ? String(bytes) : new TextDecoder().decode(bytes);
const values = (records: readonly StoredRecord[]) => records.map(({ value }) => text(value));

describe("produce", () => {
  it("publishes text and reports where it came to stand", async () => {
    const { code, stdout, stderr, records } = await produce(["--key", "k", "--value", "Zafón"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout, `Message delivered to ${topic} [0] @ offset 0\n`);
    assert.deepEqual([text(records[0]?.key), text(records[0]?.value)], ["k", "Zafón"]);
  });

  it("no key is not an empty key, and an empty value is a value", async () => {
    const without = await produce(["--value", ""]);
    assert.deepEqual([without.records[0]?.key, text(without.records[0]?.value)], [null, ""]);
    const empty = await produce(["--value=-x", "--key", ""]);
    assert.deepEqual([text(empty.records[0]?.key), text(empty.records[0]?.value)], ["", "-x"]);
  });

  it("--header may be repeated, its value may contain = and be empty", async () => {
    const headers = ["--header", "a=1=2", "--header", "b=", "--header", "a=3"];
    const { records } = await produce(["--value", "x", ...headers]);
    assert.deepEqual(records[0]?.headers.map(([name, value]) => [name, text(value)]), [
      ["a", "1=2"],
      ["b", ""],
      ["a", "3"],
    ]);
  });

  it("--topic names another topic, which is made", async () => {
    const published: (readonly string[])[] = [];
    const log = openMemoryLog();
    const { stdout } = await runCommand(["produce", "--topic", "other", "--value", "x"], {
      openLog: (_config, { publishes }) => (published.push(publishes), Promise.resolve(log)),
    });
    assert.equal(stdout, "Message delivered to other [0] @ offset 0\n");
    assert.deepEqual(published, [["other"]]);
  });

  it("--json is written in one form for equal data", async () => {
    const { records } = await produce(["--json", ' {"b": 1.0, "a": {"d": [ ], "c": null}}']);
    assert.deepEqual(values(records), ['{"a":{"c":null,"d":[]},"b":1}']);
  });

  it("--json that is none is an error", async () => {
    const { code, stderr, records } = await produce(["--json", "{'a': 1}"]);
    assert.equal(code, 1);
    assert.match(stderr, /^Option "--json" is not JSON: /);
    assert.deepEqual(records, []);
  });

  it("--file publishes bytes as they are, found from where the user stands", async () => {
    const directory = await Deno.makeTempDir();
    try {
      const bytes = crypto.getRandomValues(new Uint8Array(65_536));
      await Deno.writeFile(`${directory}/f`, bytes);
      const resolvePath = (path: string) => `${directory}/${path}`;
      const { records } = await produce(["--file", "f"], { resolvePath });
      assert.deepEqual(records[0]?.value, bytes);
      for (const name of ["none", "."]) {
        const { code, stderr } = await produce(["--file", name], { resolvePath });
        assert.equal(code, 1);
        assert.match(stderr, /^File ".*" cannot be read \(\w+\), wanted a file of bytes\n$/);
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  it("--stdin publishes a record a line, in order", async () => {
    const { code, stdout, records } = await produce(["--stdin"], { stdin: "a\n\nb\r\nc" });
    assert.deepEqual(values(records), ["a", "", "b", "c"]);
    assert.equal(code, 0);
    assert.deepEqual(stdout.match(/offset \d/g), ["offset 0", "offset 1", "offset 2", "offset 3"]);
  });

  it("--key-separator takes a key from each line, at the first place where it stands", async () => {
    const stdin = "hunger\t[1]\ndune:u\t\n\t[2]\nno key\ne\t[\t]\n";
    const { code, stderr, records } = await produce(["--stdin", "--key-separator", "\\t"], {
      stdin,
    });
    assert.equal(code, 1);
    assert.equal(stderr, 'Line 4 has no "\\t", wanted a key, "\\t" and a value\n');
    assert.deepEqual(records.map(({ key, value }) => [text(key), text(value)]), [
      ["hunger", "[1]"],
      ["dune:u", ""],
      ["", "[2]"],
      ["e", "[\t]"],
    ]);
  });

  it("--stdin leaves a byte order mark aside, where a file begins with one", async () => {
    const mark = new Uint8Array([0xef, 0xbb, 0xbf]);
    const stdin = () => new Blob([mark, "a\n", mark, "b\n"]).stream();
    const { records } = await produce(["--stdin"], { stdin: stdin() });
    assert.deepEqual(records.map(({ value }) => value?.length), [1, 4]);
    const keyed = await produce(["--stdin", "--key-separator", "a"], { stdin: stdin() });
    assert.deepEqual(text(keyed.records[0]?.key), "");
  });

  it("takes a -- before its options for nothing", async () => {
    const { code, records } = await produce(["--", "--key", "k", "--value", "x"]);
    assert.deepEqual([code, text(records[0]?.key)], [0, "k"]);
    const value = await produce(["--value", "--", "--key", "k"]);
    assert.deepEqual([value.code, values(value.records)], [0, ["--"]]);
  });

  it("--stdin without a line publishes nothing and is no error", async () => {
    const { code, stdout, records } = await produce(["--stdin"], { stdin: "" });
    assert.deepEqual([code, stdout, records.length], [0, "", 0]);
  });

  it("refuses a line that is not UTF-8; the others still go", async () => {
    const stdin = new Blob(["a\n", new Uint8Array([0xff]), "\nb\n"]).stream();
    const { code, stderr, records } = await produce(["--stdin"], { stdin });
    assert.equal(code, 1);
    assert.equal(stderr, "Line 2 is not UTF-8, wanted text (--file takes bytes as they are)\n");
    assert.deepEqual(values(records), ["a", "b"]);
  });

  it("tells of a record that is too large with size and limit; the others still go", async () => {
    const stdin = `a\n${"x".repeat(2_000_000)}\nb\n`;
    const { code, stdout, stderr, records } = await produce(["--stdin"], { stdin });
    assert.equal(code, 1);
    assert.match(stderr, /^Line 2: .*2000000.*1000000/);
    assert.deepEqual(values(records), ["a", "b"]);
    assert.equal(stdout.split("\n").length - 1, 2);
  });

  it("reports a line while it waits for the next", async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const log = openMemoryLog();
    const command = startCommand(["produce", "--stdin"], { log, stdin: readable });
    await writer.write(new TextEncoder().encode("a\n"));
    await until(() => /offset 0\n/.test(command.written.stdout));
    await writer.close();
    assert.equal((await command.result).code, 0);
  });

  it("Ctrl-C ends reading; what was read is published and reported", async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const release = Promise.withResolvers<void>();
    const log = openMemoryLog();
    const slow = kept(log);
    const publish: EventLog["publish"] = async (...args) => {
      await release.promise;
      return await log.publish(...args);
    };
    const command = startCommand(["produce", "--stdin"], {
      log: { ...slow, publish, [Symbol.asyncDispose]: slow[Symbol.asyncDispose] },
      stdin: readable,
    });
    await writer.write(new TextEncoder().encode("a\nb\nc\nhalf a li"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    command.stop();
    release.resolve();
    const { code, stdout, stderr } = await command.result;
    assert.deepEqual([code, stderr], [130, "Aborted by user\n"]);
    assert.deepEqual(values(await read(log)), ["a", "b", "c"]);
    assert.equal(stdout.split("\n").length - 1, 3);
    await log[Symbol.asyncDispose]();
    await writer.closed.catch(() => {});
  });

  it("Ctrl-C closes a queue that does not answer, and tells what was not delivered", async () => {
    const held: ((error: QueueError) => void)[] = [];
    const waits: [delayMs: number, task: () => void][] = [];
    const command = startCommand(["produce", "--value", "x"], {
      log: {
        ...kept(openMemoryLog()),
        publish: () => new Promise((_, reject) => held.push(reject)),
        [Symbol.asyncDispose]() {
          for (const reject of held) reject(new QueueError("closed", "Log was closed"));
          return Promise.resolve();
        },
      },
      clock: {
        now: () => 0,
        after: (delayMs, task) => (waits.push([delayMs, task]), () => {}),
      },
    });
    await until(() => held.length > 0);
    command.stop();
    await until(() => waits.length > 0);
    assert.equal(waits[0]?.[0], 3000);
    waits[0]?.[1]();
    const { code, stderr } = await command.result;
    const told = "--value was not delivered: the queue had not taken it when you stopped\n";
    assert.deepEqual([code, stderr], [1, `${told}Aborted by user\n`]);
  });

  it("publishes all also where nobody reads its reports", async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `${index}`);
    const { code, records } = await produce(["--stdin"], {
      stdin: lines.join("\n"),
      stdout: { write: () => Promise.reject(new Deno.errors.BrokenPipe()) },
    });
    assert.equal(code, 0);
    assert.deepEqual(values(records), lines);
  });

  it("closes the log before it ends", async () => {
    let closed = 0;
    const log = openMemoryLog();
    const closing = { ...kept(log), [Symbol.asyncDispose]: () => Promise.resolve(void closed++) };
    await runCommand(["produce", "--value", "x"], { log: closing });
    await runCommand(["produce", "--file", "no/such"], { log: closing });
    assert.equal(closed, 2);
  });

  it("gives up where the queue refuses for good, and says that it stopped", async () => {
    const refuse: EventRecord[] = [];
    const log: EventLog = {
      ...kept(openMemoryLog()),
      publish(_topic, record) {
        refuse.push(record);
        return Promise.reject(new QueueError("unauthorized", "Wrong password"));
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("x\n")),
    });
    const { code, stderr } = await runCommand(["produce", "--stdin"], { log, stdin: endless });
    assert.equal(code, 1);
    assert.match(stderr, /Line 1: Wrong password\n[^]*Stopped: /);
    assert.ok(refuse.length < 5, `${refuse.length} records were sent after the refusal`);
  });

  const wrong: readonly (readonly [name: string, args: readonly string[], says: RegExp])[] = [
    ["no value", [], /^No value is given, wanted exactly one of --value, --json, --file, --stdin/],
    ["two values", ["--value", "a", "--stdin"], /^2 values are given, wanted exactly one of/],
    ["a header without =", ["--value", "a", "--header", "b"], /Wanted name=value/],
    ["a header without a name", ["--value", "a", "--header", "=b"], /Wanted name=value/],
    ["a value that was not UTF-8", ["--value", "a\ufffd"], /^Argument "--value" has U\+FFFD/],
    ["JSON that was not UTF-8", ["--json", '"\ufffd"'], /^Argument "--json" has U\+FFFD/],
    [
      "a key that was not UTF-8",
      ["--value", "a", "--key", "\ufffd"],
      /^Argument "--key" has U\+FFFD/,
    ],
    [
      "a header that was not UTF-8",
      ["--value", "a", "--header", "h=\ufffd"],
      /^Argument "--header" has U\+FFFD/,
    ],
    [
      "an option's own value that was not UTF-8",
      ["--value=\ufffd"],
      /^Argument "--value" has U\+FFFD/,
    ],
    ["a separator without lines", ["--value", "a", "--key-separator", ":"], /without "--stdin"/],
    ["two keys", ["--stdin", "--key", "a", "--key-separator", ":"], /wanted one of them/],
    ["an empty separator", ["--stdin", "--key-separator", ""], /Wanted at least one character/],
    ["an unknown option", ["--vaule", "a"], /unknown option '--vaule'[^]*Did you mean --value\?/],
    ["a stray word", ["--value", "a", "b"], /too many arguments/],
    ["an option without its value", ["--value"], /argument missing/],
  ];
  for (const [name, args, says] of wrong) {
    it(`${name}: a wrong command line, exit code 2, nothing sent`, async () => {
      const { code, stdout, stderr, records } = await produce(args);
      assert.deepEqual([code, stdout, records.length], [2, "", 0]);
      assert.match(stderr, says);
    });
  }
});
