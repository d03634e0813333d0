/** HTML of pages that are asked for again and again. */
import { keepNewest } from "../../domain/kept_newest.ts";
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
  const kept = keepNewest<Json, Markup | false>(
    maxBytes,
    (html, json) => json.length + (html === false ? 0 : charactersOf(html)) + overheadBytes,
  );

  return (page) => {
    const { json } = page;
    const known = kept.find(json);
    if (known) return known;
    const html = render(page);
    kept.keep(json, known === false && html);
    return html;
  };
}
