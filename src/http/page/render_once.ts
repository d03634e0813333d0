import type { Markup } from "./markup.ts";

/**
 * Renders what many pages show of the same thing, once for as long as somebody has the thing.
 *
 * @param render Gives HTML of the thing alone.
 */
export function renderOnce<Thing extends WeakKey>(
  render: (thing: Thing) => Markup,
): (thing: Thing) => Markup {
  const rendered = new WeakMap<Thing, Markup>();

  return (thing) => {
    const known = rendered.get(thing);
    if (known !== undefined) return known;
    const html = render(thing);
    rendered.set(thing, html);
    return html;
  };
}
