/** How rows are told apart, however a file is written and in whatever pieces it comes. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type CsvRow, csvRows, maxRowCharacters } from "./csv_rows.ts";
import { csvText } from "./csv_text.ts";

async function rowsOf(pieces: readonly string[], separator = ","): Promise<readonly CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const some of csvRows(ReadableStream.from(pieces), separator)) {
    for (const row of some) rows.push(row);
  }
  return rows;
}

const told = (rows: readonly CsvRow[]) =>
  rows.map(({ line, cells, fault }) => `${line} ${fault === undefined ? cells.join("|") : "bad"}`);

describe("rows of CSV", () => {
  it("end with any kind of line break, in one file", async () => {
    const text = "a,b\r\nc,d\ne,f\rg,h\r\n\r\n\n\ri,j";
    const wanted = ["1 a|b", "2 c|d", "3 e|f", "4 g|h", "8 i|j"];
    assert.deepEqual(told(await rowsOf([text])), wanted);
    assert.deepEqual(told(await rowsOf([...text])), wanted);
  });

  it("have quotes, separators and lines in quoted cells", async () => {
    const text = 'a,"b, ""c"""\r\n"d\r\ne\nf",""\n"",g\n""\nh,';
    const wanted = ['1 a|b, "c"', "2 d\r\ne\nf|", "5 |g", "6 ", "7 h|"];
    assert.deepEqual(told(await rowsOf([text])), wanted);
    assert.deepEqual(told(await rowsOf([...text])), wanted);
    assert.deepEqual(told(await rowsOf(["a,b;'c\n"], ";")), ["1 a,b|'c"]);
    assert.deepEqual(told(await rowsOf(["a,b\tc\n"], "\t")), ["1 a,b|c"]);
  });

  it("that are broken cost no other", async () => {
    const text = 'The "Big" Book,x\na,b\n"c" d,e\nf,g\n"never\nh,i\nj,k';
    const wanted = ["1 bad", "2 a|b", "3 bad", "4 f|g", "5 bad", "6 h|i", "7 j|k"];
    for (const pieces of [[text], [...text]]) {
      const rows = await rowsOf(pieces);
      assert.deepEqual(told(rows), wanted);
      assert.deepEqual(rows[0]?.cells, ['The "Big" Book,x']);
      assert.deepEqual(rows[4]?.cells, ['"never']);
    }
  });

  it("that are too long are told once, quoted or not", async () => {
    const long = "z".repeat(maxRowCharacters);
    for (const text of [`a,b\n${long},\nc,d\n`, `a,b\n"${long}\nc,d\n`]) {
      assert.deepEqual(told(await rowsOf([text])), ["1 a|b", "2 bad", "3 c|d"]);
      const pieces = text.match(/[^]{1,65536}/g) ?? [];
      assert.deepEqual(told(await rowsOf(pieces)), ["1 a|b", "2 bad", "3 c|d"]);
    }
  });
});

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

async function textOf(...parts: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  const texts = [];
  for await (const text of csvText(new Blob([...parts]).stream())) texts.push(text);
  return texts.join("");
}

describe("the text of a CSV file", () => {
  it("may be packed, also as several files in a row, with nothing behind them", async () => {
    const zeros = new Uint8Array(512);
    assert.equal(await textOf(await gzip("a,b\n"), await gzip("c,d\n"), zeros), "a,b\nc,d\n");
    const text = "Some title,Somebody\n".repeat(200_000);
    assert.equal(await textOf(await gzip(text)), text);
  });

  it("may be UTF-8 or, by its mark, UTF-16", async () => {
    const units = (text: string, isLittle: boolean) => {
      const view = new DataView(new ArrayBuffer(text.length * 2));
      [...text].forEach((unit, at) => view.setUint16(at * 2, unit.charCodeAt(0), isLittle));
      return new Uint8Array(view.buffer);
    };
    assert.equal(await textOf(units("\ufeffCafé,a\n", true)), "Café,a\n");
    assert.equal(await textOf(units("\ufeffCafé,a\n", false)), "Café,a\n");
    assert.equal(await textOf(new TextEncoder().encode("\ufeffCafé,a\n")), "Café,a\n");
    assert.equal(await textOf(Uint8Array.of(0x43, 0xe9)), "C\ufffd");
    assert.deepEqual([await textOf(), await textOf(Uint8Array.of(0x61))], ["", "a"]);
  });
});
