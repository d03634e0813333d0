/**
 * The rows of a CSV text (RFC 4180) that comes in pieces. Lines may end in any way, and one row
 * that is broken costs no other: reading goes on with the line behind its first.
 */

/** What a row is made of; `fault` says why it is none, and its only cell is its first line. */
export interface CsvRow {
  /** From 1 on; where the row begins. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly fault?: string;
}

/** A row longer than this has a quote that is never closed. */
export const maxRowCharacters = 1_000_000;
/** Of a broken row's first line. */
const keptMax = 1_000;

/** The rows that end in each piece, without empty lines. @param separator One character. */
export async function* csvRows(
  pieces: AsyncIterable<string>,
  separator: string,
): AsyncGenerator<readonly CsvRow[]> {
  const readRow = createRowReader(separator);
  let text = "";
  let line = 1;
  /** The rest of a line that is broken: up to its end nothing is a row. */
  let isPassing = false;

  function rowsOf(isLast: boolean): readonly CsvRow[] {
    const rows: CsvRow[] = [];
    let at = 0;
    while (at < text.length) {
      if (isPassing) {
        const end = lineEnd(text, at, isLast);
        at = end ?? text.length;
        if (end === undefined) break;
        isPassing = false;
        line += 1;
        continue;
      }
      const whole = readRow(text, at, isLast);
      const length = (whole?.end ?? text.length) - at;
      const row = length > maxRowCharacters ? tooLong(text, at) : whole;
      if (row === undefined) break;
      const { cells, fault, end } = row;
      if (fault !== undefined) {
        const isHalf = !isLast && lineEnd(text, at, isLast) === undefined;
        if (isHalf && length <= maxRowCharacters) break;
        rows.push({ line, cells: [firstLine(text, at)], fault });
        isPassing = true;
        continue;
      }
      if (cells.length > 1 || cells[0] !== "" || text[at] === '"') rows.push({ line, cells });
      line += row.lines;
      at = end;
    }
    text = text.slice(at);
    return rows;
  }

  for await (const piece of pieces) {
    text += piece;
    const rows = rowsOf(false);
    if (rows.length > 0) yield rows;
  }
  const rows = rowsOf(true);
  if (rows.length > 0) yield rows;
}

interface ReadRow {
  readonly cells: readonly string[];
  readonly end: number;
  readonly lines: number;
  readonly fault?: string;
}

type ReadsRow = (text: string, from: number, isLast: boolean) => ReadRow | undefined;

const broken = (fault: string): ReadRow => ({ cells: [], end: 0, lines: 0, fault });

/** Undefined where the row does not end in the text, and more may come. */
function createRowReader(separator: string): ReadsRow {
  const code = separator.charCodeAt(0).toString(16).padStart(4, "0");
  const plain = new RegExp(`[^\\r\\n\\u${code}]*`, "y");

  return (text, from, isLast) => {
    const cells: string[] = [];
    let lines = 1;
    for (let at = from;;) {
      let end: number;
      if (text[at] === '"') {
        const close = closingQuote(text, at + 1);
        // One more quote would make it a quote in the cell.
        if (close < 0 || close + 1 === text.length) {
          if (!isLast) return undefined;
          if (close < 0) return broken("Has a quote that is never closed, wanted its partner");
        }
        const cell = text.slice(at + 1, close);
        cells.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell);
        lines += lineBreaks(cell);
        end = close + 1;
        if (end < text.length && !"\r\n".includes(text.charAt(end)) && text[end] !== separator) {
          return broken('Has text behind a closing quote, wanted quotes within a cell doubled: ""');
        }
      } else {
        plain.lastIndex = at;
        plain.test(text);
        end = plain.lastIndex;
        if (end === text.length && !isLast) return undefined;
        const cell = text.slice(at, end);
        if (cell.includes('"')) {
          return broken(
            'Has a quote within a cell, wanted the cell in quotes and its own doubled: ""',
          );
        }
        cells.push(cell);
      }
      if (text[end] === separator) {
        at = end + 1;
        continue;
      }
      const behind = end === text.length ? end : lineEnd(text, end, isLast);
      return behind === undefined ? undefined : { cells, end: behind, lines };
    }
  };
}

/** -1: there is none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

const anyBreak = /\r\n|\r|\n/g;

const lineBreaks = (text: string): number => text.match(anyBreak)?.length ?? 0;

/** Behind the next line break; undefined where there is none, or half of one. */
function lineEnd(text: string, from: number, isLast: boolean): number | undefined {
  anyBreak.lastIndex = from;
  const found = anyBreak.exec(text);
  if (found === null) return undefined;
  const end = anyBreak.lastIndex;
  return end === text.length && found[0] === "\r" && !isLast ? undefined : end;
}

function tooLong(text: string, at: number): ReadRow {
  const isQuoted = lineEnd(text, at, true) !== undefined;
  return broken(
    isQuoted
      ? `Has a quote that is not closed within ${maxRowCharacters} characters, wanted its partner`
      : `Has over ${maxRowCharacters} characters, wanted at most that`,
  );
}

function firstLine(text: string, at: number): string {
  return /[^\r\n]*/.exec(text.slice(at, at + keptMax))?.[0] ?? "";
}
