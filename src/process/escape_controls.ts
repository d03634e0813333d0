/**
 * The one escaper of all that is printed: what others wrote gives a terminal no orders, begins no
 * line of its own and turns no text around.
 */

// C0 and C1 (terminals obey them), line and paragraph separators, and the marks that reorder what
// stands after them.
const unsafe =
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Text that stays on its line: control characters become `\n`, `\r`, `\t`, `\u001b`. */
export function escapeControls(text: string): string {
  return text.replaceAll(unsafe, (character) => short[character] ?? unicodeEscape(character));
}

/** The same for JSON, where such an escape is another way to write the same text. */
export function escapeControlsInJson(json: string): string {
  return json.replaceAll(unsafe, unicodeEscape);
}

/**
 * For text whose lines are our own, on its last way to a terminal: line feeds and tabs stay. JSON
 * stays the same JSON.
 */
export function escapeControlsInLines(lines: string): string {
  return lines.replaceAll(
    unsafe,
    (character) => character === "\n" || character === "\t" ? character : unicodeEscape(character),
  );
}

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
