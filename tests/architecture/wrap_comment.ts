/**
 * Wraps the text of a comment. A paragraph in which no line is too long stays as it was written,
 * and so do tables, code and what tools read.
 */

/** A line of a comment that begins another paragraph: a blank one is a paragraph of its own. */
const begins = /^(?:\s*$|\s*(?:[-*+]|\d+\.)\s|@\w)/;
/** What is never wrapped: directives, code that is set off, tables and drawings. */
const verbatim = /^(?:deno-|@ts-|eslint-|\/|\s{4,}|\s*\|)|[│├└─┌▶]/;

/** The lines of a comment without its signs, none over `width` characters where words allow it. */
export function wrapLines(lines: readonly string[], width: number): readonly string[] {
  const wrapped: string[] = [];
  let paragraph: string[] = [];
  let isFenced = false;
  const flush = (): void => {
    wrapped.push(...wrapParagraph(paragraph, width));
    paragraph = [];
  };
  for (const line of lines) {
    const isFence = /^\s*```/.test(line);
    if (isFence || isFenced || verbatim.test(line)) {
      flush();
      wrapped.push(line);
      if (isFence) isFenced = !isFenced;
      continue;
    }
    if (begins.test(line)) flush();
    paragraph.push(line);
    if (line.trim() === "") flush();
  }
  flush();
  return wrapped;
}

function wrapParagraph(lines: readonly string[], width: number): readonly string[] {
  if (lines.every((line) => lengthOf(line) <= width)) return lines;
  const [first = "", second] = lines;
  const indent = /^\s*/.exec(first)?.[0] ?? "";
  // As it was written where there was more than one line; else below the text of a list's item or a
  // tag.
  const hanging = second !== undefined
    ? /^\s*/.exec(second)?.[0] ?? ""
    : /^\s*(?:[-*+]|@\w)/.test(first)
    ? `${indent}  `
    : /^\s*\d+\.\s/.test(first)
    ? `${indent}   `
    : indent;
  const wrapped: string[] = [];
  let line = indent;
  for (const word of lines.join(" ").trim().split(/\s+/)) {
    if (line.trim() !== "" && lengthOf(`${line} ${word}`) > width) {
      wrapped.push(line);
      line = hanging;
    }
    line += line.trim() === "" ? word : ` ${word}`;
  }
  return [...wrapped, line];
}

/** In characters as they are seen, not in UTF-16 code units. */
function lengthOf(line: string): number {
  return [...line].length;
}
