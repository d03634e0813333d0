/** HTML by templates: whatever is put into one is a text, and is escaped, unless it is HTML. */

const made = Symbol("HTML");

/** HTML that may be sent as it is: only `markup` makes it, whatever the data is. */
export interface Markup {
  readonly [made]: string;
}

/** What may be put into a template: texts and numbers, HTML, and, as `false`, nothing. */
export type Part = string | number | false | Markup | readonly Markup[];

const literals = new WeakMap<TemplateStringsArray, readonly string[]>();

/**
 * HTML of a template. Lines and indentation are the template's own: where they fold a text or a tag
 * they are a space, beside a tag or a part they are nothing. Characters beyond Latin-1 are written
 * as references: with one of them the engine keeps a whole page in twice the bytes, and the server
 * sends it for half as much again.
 *
 * @throws {TypeError} The template has a part where escaping keeps nothing in: in a tag outside of
 *   double quotes. Whatever the part is, so that no test passes it by.
 */
export function markup(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let pieces = literals.get(template);
  if (pieces === undefined) {
    pieces = template.map(unfolded);
    checkPlaces(pieces);
    literals.set(template, pieces);
  }
  let html = pieces[0] ?? "";
  for (let n = 0; n < parts.length; n++) html += htmlOf(parts[n] ?? false) + pieces[n + 1];
  return { [made]: html };
}

/** The whole document of a page. */
export const documentOf = (page: Markup): string => `<!DOCTYPE html>${page[made]}`;

/** How long it is. Behind this it is in one piece, as what is sent often should be. */
export function charactersOf(html: Markup): number {
  // The engine joins what was put together when somebody looks into it, and remembers that.
  html[made].charCodeAt(0);
  return html[made].length;
}

function htmlOf(part: Part): string {
  if (typeof part === "string") return escaped(part);
  if (typeof part === "number") return String(part);
  if (part === false) return "";
  if (made in part) return part[made];
  let html = "";
  for (const each of part) html += each[made];
  return html;
}

const special = /[&<>"']/;
const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** As a text, and in quotes as the value of an attribute. */
function escaped(text: string): string {
  // Most texts have none of them, and are looked through once.
  if (!special.test(text)) return text;
  return text.replace(/[&<>"']/g, (character) => references[character] ?? "");
}

function unfolded(piece: string): string {
  return piece.replace(/\n\s*/g, (fold, at: number) => {
    const [before, after] = [piece[at - 1], piece[at + fold.length]];
    return before === undefined || before === ">" || after === undefined || "<>".includes(after)
      ? ""
      : " ";
  });
}

/** @param pieces The template without its parts, of which one stands between each two. */
function checkPlaces(pieces: readonly string[]): void {
  const whole = pieces.join("…");
  if (/<(?:script|style|!--)/i.test(whole)) {
    throw new TypeError(`Template is ${JSON.stringify(whole)}, wanted no script, style or comment`);
  }
  let place: "text" | "tag" | "value" = "text";
  for (const [index, piece] of pieces.entries()) {
    if (index > 0 && place === "tag") {
      throw new TypeError(`Part of ${JSON.stringify(whole)} stands in a tag, wanted it in quotes`);
    }
    for (const character of piece) place = placeBehind(character, place);
  }
}

function placeBehind(character: string, place: "text" | "tag" | "value") {
  switch (character) {
    case "<":
      return place === "text" ? "tag" : place;
    case ">":
      return place === "tag" ? "text" : place;
    case '"':
      return place === "tag" ? "value" : place === "value" ? "tag" : place;
    default:
      return place;
  }
}
