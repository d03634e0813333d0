/** HTML of pages that are asked for again and again. */
import { charactersOf, type Markup } from "./markup.ts";

type Json = Uint8Array<ArrayBuffer>;

/** What an entry is taken to cost beside what it holds. An allowance. */
const overheadBytes = 200;

/**
 * Renders the books of a page by the bytes that they are: a catalogue that keeps a page answers
 * with the same ones. What is rendered is kept from the second time on. Most pages are asked for
 * once, and to keep HTML of those takes longer than to render it again for a few.
 *
 * @param maxBytes Of all that is kept, with the bytes that it is known by. What nobody has asked
 *   for while half of that came is forgotten.
 */
export function keepRendered<Page extends { readonly json: Json }>(
  render: (page: Page) => Markup,
  maxBytes: number,
): (page: Page) => Markup {
  /** `false`: it was asked for once. */
  let newer = new Map<Json, Markup | false>();
  let older = new Map<Json, Markup | false>();
  let bytes = 0;

  function keep(json: Json, html: Markup | false): void {
    const cost = json.length + (html === false ? 0 : charactersOf(html)) + overheadBytes;
    if (cost > maxBytes / 2) return;
    if (bytes + cost > maxBytes / 2) {
      older = newer;
      newer = new Map();
      bytes = 0;
    }
    newer.set(json, html);
    bytes += cost;
  }

  return (page) => {
    const { json } = page;
    const known = newer.get(json);
    if (known) return known;
    const aged = known ?? older.get(json);
    if (aged) {
      keep(json, aged);
      return aged;
    }
    const html = render(page);
    keep(json, aged === false && html);
    return html;
  };
}
