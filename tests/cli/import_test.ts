/** `import`: what becomes of good rows and of bad ones, run once, again, and interrupted. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openSqliteCatalogue } from "../../adapters/database/sqlite/sqlite_catalogue.ts";
import { type BookCatalogue, booksOf } from "../../src/ports/book_catalogue.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import { booksFor, shelfOf } from "../contracts/catalogue_law.ts";
import { runCommand, startCommand } from "./run_command.ts";

interface Place {
  readonly folder: string;
  open(): Promise<BookCatalogue>;
  write(name: string, content: string | Uint8Array): string;
}

async function inPlace(law: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "shelfcast_import_" });
  try {
    await law({
      folder,
      open: () => openSqliteCatalogue({ file: `${folder}/shelf.db`, shelf: "empty" }),
      write(name, content) {
        const path = `${folder}/${name}`;
        Deno.writeFileSync(
          path,
          typeof content === "string" ? new TextEncoder().encode(content) : content,
        );
        return path;
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const csv =
  'title,author,year,isbn,extra\r\n"Dune, ""the"" book",Frank\nHerbert,1965,0441172717,x\r\n'
    .replace("Frank\nHerbert", '"Frank\nHerbert"') + "Emma,Jane Austen,,,\r\n";

describe("import", () => {
  it("puts the rows on the shelf, and says how many and how fast", () =>
    inPlace(async ({ open, write }) => {
      const path = write("books.csv", `\ufeff${csv}`);
      const { code, stdout } = await runCommand(["import", path], { openCatalogue: open });
      assert.match(stdout, /^Imported 2 books, 0 were there already, 0 rows are none: \d+ rows a/);
      assert.equal(code, 0);
      await using catalogue = await open();
      const [dune, emma] = await shelfOf(catalogue, 9);
      assert.deepEqual(
        [dune?.title, dune?.author, dune?.published_at],
        ['Dune, "the" book', "Frank Herbert", "1965"],
      );
      assert.deepEqual([emma?.title, emma?.published_at, emma?.description], ["Emma", null, ""]);
      assert.equal((await booksFor(catalogue, "978-0441172719"))[0]?.id, 1);
    }));

  it("adds nothing twice when it is run again", () =>
    inPlace(async ({ open, write }) => {
      const path = write("books.csv", csv);
      await runCommand(["import", path], { openCatalogue: open });
      const { stdout } = await runCommand(["import", path], { openCatalogue: open });
      assert.match(stdout, /^Imported 0 books, 2 were there already/);
    }));

  it("takes a packed file, and columns by their names", () =>
    inPlace(async ({ open, write }) => {
      const text = "Name,Writer,Came\nDune,Frank Herbert,1965.0\n";
      const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
      const path = write("packed", new Uint8Array(await new Response(packed).arrayBuffer()));
      const columns = ["--title", "name", "--author", "WRITER", "--published", "Came"];
      const { code } = await runCommand(["import", path, ...columns], { openCatalogue: open });
      assert.equal(code, 0);
      await using catalogue = await open();
      assert.equal((await shelfOf(catalogue, 9))[0]?.published_at, "1965");
    }));

  it("puts bad rows aside with line and reason, and goes on", () =>
    inPlace(async ({ open, write }) => {
      const path = write(
        "books.csv",
        "title,author,year,isbn\nDune,F,1965,\n,F,,\nEmma,J,soon,\nUbik,P,,0441172718\n" +
          "Solaris,L\nMolloy,S,1951,\n",
      );
      const { code, stdout, stderr } = await runCommand(["import", path], { openCatalogue: open });
      assert.match(stdout, /^Imported 2 books, 0 were there already, 4 rows are none/);
      assert.match(stderr, /rejected\.csv", with line and reason/);
      assert.equal(code, 1);
      const rejected = Deno.readTextFileSync(`${path}.rejected.csv`).trim().split("\r\n");
      assert.equal(rejected[0], '"line","reason","row"');
      assert.deepEqual(rejected.slice(1).map((line) => line.slice(0, 12)), [
        '"3","title: ',
        '"4","publish',
        '"5","isbn: I',
        '"6","Has 2 c',
      ]);
    }));

  it("takes lines of every kind, and the rows behind one that is broken", () =>
    inPlace(async ({ open, write }) => {
      const path = write(
        "books.csv",
        'title,author\r\nDune,F\nThe "Big" Book,B\r"Emma,J\nUbik,P\r\n',
      );
      const { stdout } = await runCommand(["import", path], { openCatalogue: open });
      assert.match(stdout, /^Imported 2 books, 0 were there already, 2 rows are none/);
      const rejected = Deno.readTextFileSync(`${path}.rejected.csv`).trim().split("\r\n");
      assert.match(rejected[1] ?? "", /^"3","Has a quote within a cell, .*","The ""Big"" Book,B"$/);
      assert.match(rejected[2] ?? "", /^"4","Has a quote that is never closed, .*","""Emma,J"$/);
    }));

  it("takes no book whose text is in another encoding", () =>
    inPlace(async ({ open, write }) => {
      const latin1 = (text: string) => Uint8Array.from([...text].map((one) => one.charCodeAt(0)));
      const path = write(
        "books.csv",
        latin1("title,author,note\nCaf\u00e9,A,\nPlain,B,\u00e9\n"),
      );
      await runCommand(["import", path], { openCatalogue: open });
      assert.match(
        Deno.readTextFileSync(`${path}.rejected.csv`),
        /"2","title: Has bytes that are not UTF-8, wanted UTF-8"/,
      );
      await using catalogue = await open();
      assert.deepEqual((await shelfOf(catalogue, 9)).map(({ title }) => title), ["Plain"]);
    }));

  it("takes what is piped in", () =>
    inPlace(async ({ folder, open }) => {
      const given = { openCatalogue: open, resolvePath: (path: string) => `${folder}/${path}` };
      const args = ["import", "-", "--separator", ";"];
      const stdin = "title;author\nDune;F\n;B\n";
      const { stdout, stderr } = await runCommand(args, { ...given, stdin });
      assert.match(stdout, /^Imported 1 books, 0 were there already, 1 rows are none/);
      assert.match(stderr, /import\.rejected\.csv", with line and reason/);
      const pipe = `${folder}/pipe`;
      assert.ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
      const writing = Deno.writeTextFile(pipe, "title,author\nEmma,J\n");
      const piped = await runCommand(["import", "pipe"], given);
      await writing;
      assert.match(piped.stdout, /^Imported 1 books/);
    }));

  it("says what is wrong with a file that is none, and with its columns", () =>
    inPlace(async ({ folder, open, write }) => {
      const wrong: readonly (readonly [args: readonly string[], words: RegExp])[] = [
        [[`${folder}/none.csv`], /none\.csv" cannot be read/],
        [[write("empty.csv", "")], /File is empty, wanted a header/],
        [
          [write("names.csv", "name,author\n")],
          /no column "title", wanted one of "name", "author"/,
        ],
        [[write("a.csv", csv), "--isbn", "ean"], /no column "ean"/],
        [[write("b.csv", "title,Title,author\n")], /two columns "title", wanted one/],
        [[write("c.csv", "title;author\n")], /wanted commas .* "--separator" .* ";"/],
        [[write("d.csv", 'ti"tle,author\n')], /Header is "ti"tle,author", wanted RFC 4180/],
        [[folder], /is a folder, wanted a file/],
        [[write("e.csv", csv), "--separator", "::"], /Wanted one character/],
      ];
      for (const [args, words] of wrong) {
        const { code, stderr } = await runCommand(["import", ...args], { openCatalogue: open });
        assert.match(stderr, words);
        assert.notEqual(code, 0);
      }
      await using catalogue = await open();
      assert.deepEqual(await shelfOf(catalogue, 9), []);
    }));

  it("leaves whole batches where it is interrupted, and goes on when it is run again", () =>
    inPlace(async ({ open, write }) => {
      const rows = Array.from({ length: 3_000 }, (_, n) => `Book ${n},Author ${n}\n`);
      const path = write("books.csv", `title,author\n${rows.join("")}`);
      let batches = 0;
      const stopping = async () => {
        const catalogue = await open();
        return {
          ...catalogue,
          addMissing(books) {
            if (++batches === 2) running.stop();
            return catalogue.addMissing(books);
          },
        } satisfies BookCatalogue;
      };
      const running = startCommand(["import", path], { openCatalogue: stopping });
      const { code, stdout, stderr } = await running.result;
      assert.equal(code, 130);
      assert.match(stdout, /^Imported 1000 books/);
      assert.match(stderr, /run it again to go on/);
      const again = await runCommand(["import", path], { openCatalogue: open });
      assert.match(again.stdout, /^Imported 2000 books, 1000 were there already/);
    }));

  it("keeps what came before the end of a file that breaks off", () =>
    inPlace(async ({ open, write }) => {
      const rows = Array.from({ length: 2_000 }, () => `${crypto.randomUUID()},Author\n`);
      const text = `title,author\n${rows.join("")}`;
      const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
      const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
      const path = write("books.csv.gz", bytes.slice(0, bytes.length * 0.9));
      const { code, stdout, stderr } = await runCommand(["import", path], { openCatalogue: open });
      assert.match(stderr, /File cannot be read to its end/);
      assert.match(stdout, /^Imported (500|1000|1500) books/);
      assert.equal(code, 1);
    }));

  it("waits for a catalogue that is busy", () =>
    inPlace(async ({ open, write }) => {
      const path = write("books.csv", csv);
      let refusals = 1;
      const busy = async () => {
        const catalogue = await open();
        return {
          ...catalogue,
          addMissing: (books) =>
            refusals-- > 0
              ? Promise.reject(new StoreError("unavailable", "Database is locked"))
              : catalogue.addMissing(books),
        } satisfies BookCatalogue;
      };
      const { code } = await runCommand(["import", path], { openCatalogue: busy });
      assert.equal(code, 0);
      await using catalogue = await open();
      assert.equal(booksOf(await catalogue.list({ offset: 0, limit: 9 })).length, 2);
    }));
});
