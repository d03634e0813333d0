// C0 and C1 (terminals obey them), line and paragraph separators, and the marks that reorder what
// stands after them.
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text that stays on its line and gives a terminal no orders: control characters become `\n`, `\r`,
 * `\t`, `\u001b`.
 */
export function escapeControls(text: string): string {
  return text.replaceAll(unsafe, (character) => short[character] ?? unicodeEscape(character));
}

/** The same for JSON, where such an escape is another way to write the same text. */
export function escapeControlsInJson(json: string): string {
  return json.replaceAll(unsafe, unicodeEscape);
}

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
