/**
 * What others may hand us as files and records, in forms that nobody thought of: each is taken or
 * told, within its time, and nothing else happens. `SHELFCAST_HOSTILE=full` is the long form; a
 * failure prints the seed (`SHELFCAST_SEED`).
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { csvBooks } from "../../src/cli/csv_books.ts";
import { CommandError } from "../../src/cli/command_error.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import {
  decodeBooks,
  decodeBooksSearched,
  UnreadableEventError,
} from "../../src/wire/decode_books_searched.ts";
import { readDeadLetter } from "../../src/wire/dead_letter.ts";
import { runCommand } from "../cli/run_command.ts";
import { withStoredLog } from "../cli/stored_log.ts";
import { load } from "../config/load_text.ts";
import { damaged } from "./damaged.ts";

const isFull = Deno.env.get("SHELFCAST_HOSTILE") === "full";
const seed = Number(Deno.env.get("SHELFCAST_SEED") ?? Date.now() % 2 ** 31);
const runs = (short: number, long: number) => ({ numRuns: isFull ? long : short, seed });

const shipped = await Deno.readTextFile(new URL("../../config.yml", import.meta.url));
const encoder = new TextEncoder();

const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Uint8Array.from(each));
const words = fc.constantFrom(
  ..."app db mq : - { } [ ] \" ' ${A} ${A:-b} # \n host port brokers kafka true 0 -1 1e9 ~ | > ! & * %"
    .split(" "),
);

describe("whatever is given", () => {
  it("as a configuration or .env, is taken or told as faults", async () => {
    const texts = fc.oneof(
      bytes,
      damaged(encoder.encode(shipped)),
      fc.array(words, { maxLength: 30 }).map((all) => encoder.encode(all.join(" "))),
    );
    await fc.assert(
      fc.asyncProperty(texts, fc.oneof(fc.constant(undefined), bytes), async (text, dotEnv) => {
        await load(text, { A: "a" }, dotEnv).catch((error) => {
          assert.ok(error instanceof ConfigError, `${error}`);
          assert.ok(error.faults.length > 0);
        });
      }),
      runs(300, 20_000),
    );
  });

  it("as a record, is an event or unreadable, and a dead letter can be read", () => {
    const names = fc.constantFrom(
      "ce_id",
      "ce_type",
      "ce_time",
      "ce_searchquery",
      "traceparent",
      "tracestate",
      "ce_searchpage",
      "dlq-attempts",
      "dlq-reason",
      "dlq-original-offset",
      "x",
    );
    const values = fc.option(fc.oneof(bytes, fc.json().map((text) => encoder.encode(text))));
    const books = fc.json().map((json) => encoder.encode(`[{"id":1,"title":${json}}]`));
    const record = fc.record({
      key: values,
      value: fc.oneof(values, books),
      headers: fc.array(fc.tuple(names, values), { maxLength: 12 }),
      timestamp: fc.integer(),
      offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    });
    fc.assert(
      fc.property(record, (given) => {
        try {
          decodeBooksSearched(given, decodeBooks);
        } catch (error) {
          assert.ok(error instanceof UnreadableEventError, `${error}`);
          assert.doesNotMatch(error.message, /\n/);
        }
        readDeadLetter(given);
      }),
      runs(3_000, 60_000),
    );
  });

  it("as CSV, is books and rows that are none, or a fault of the file", async () => {
    const base = encoder.encode(
      'title,author,year,isbn\r\n"Dune","Frank ""F"" Herbert",1965,0441172717\r\nEmma,x,,\r\n',
    );
    const cells = fc.constantFrom(
      "title",
      "author",
      '"',
      '""',
      ",",
      "\r\n",
      "\n",
      "\u0000",
      "1965",
      "é",
      "\ufeff",
    );
    const texts = fc.oneof(
      damaged(base),
      bytes,
      fc.array(cells, { maxLength: 40 }).map((all) =>
        encoder.encode(`title,author\n${all.join("")}`)
      ),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        let [books, bad] = [0, 0];
        try {
          const onBad = () => Promise.resolve(void bad++);
          for await (const book of csvBooks(new Blob([text]).stream(), {}, onBad)) {
            books += 1;
            assert.ok(book.title.trim() !== "" && book.author.trim() !== "");
          }
        } catch (error) {
          assert.ok(error instanceof CommandError, `${error}`);
        }
        assert.ok(books + bad <= text.length);
      }),
      runs(300, 20_000),
    );
  });

  it("as the folder of a log, is read, repaired or told", async () => {
    await withStoredLog(async (log) => {
      await log.append(12);
      await log.read({ group: "mine" });
      const whole = new Map(
        [...Deno.readDirSync(log.folder)].map(({ name }) =>
          [name, Deno.readFileSync(`${log.folder}/${name}`)] as const
        ),
      );
      const names = [...whole.keys()].filter((name) => (whole.get(name)?.length ?? 0) > 0);
      const damage = fc.record({
        name: fc.constantFrom(...names),
        at: fc.nat(4096),
        put: fc.uint8Array({ minLength: 1, maxLength: 64 }),
        length: fc.option(fc.nat(8192)),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
          for (const { name } of Deno.readDirSync(log.folder)) {
            Deno.removeSync(`${log.folder}/${name}`);
          }
          for (const [name, all] of whole) Deno.writeFileSync(`${log.folder}/${name}`, all);
          for (const { name, at, put, length } of damages) {
            using file = Deno.openSync(`${log.folder}/${name}`, { write: true });
            file.seekSync(at, Deno.SeekMode.Start);
            file.writeSync(put);
            if (length !== null) file.truncateSync(length);
          }
          const { code } = await log.read();
          assert.ok(code === "read" || code !== "?", code);
          for (const args of [["inspect"], ["verify"], ["repair", "--yes"], ["verify"]]) {
            const [name = "", ...more] = args;
            const told = await runCommand(["log", name, log.directory, ...more]);
            assert.ok(told.code === 0 || told.code === 1, told.stderr);
            assert.doesNotMatch(told.stderr, /TypeError|RangeError|at .*\.ts:/);
          }
          await log.append(1).catch((error) => assert.ok(error instanceof QueueError, `${error}`));
        }),
        runs(15, 1_000),
      );
    });
  });
});
