import { raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/**
 * Renders what many pages show of the same thing, once for as long as somebody has the thing.
 *
 * @param render Gives HTML of the thing alone.
 */
export function renderOnce<Thing extends WeakKey>(
  render: (thing: Thing) => string,
): (thing: Thing) => HtmlEscapedString {
  const rendered = new WeakMap<Thing, HtmlEscapedString>();

  return (thing) => {
    const known = rendered.get(thing);
    if (known !== undefined) return known;
    const html = raw(render(thing));
    rendered.set(thing, html);
    return html;
  };
}
