/** The whole look: two themes by the visitor's preference, no fonts or images from elsewhere. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#faf7f2, #17140f);
  --card: light-dark(#ffffff, #211d17);
  --line: light-dark(#e5ddd0, #383127);
  --ink: light-dark(#29231b, #efe8dc);
  --soft: light-dark(#655b4d, #b5a994);
  --accent: light-dark(#8c2f39, #e79a8b);
  --on-accent: light-dark(#ffffff, #2a100d);
  --good: light-dark(#2e7d4f, #7fca9c);
  --wait: light-dark(#8a6100, #e5b94f);
  --bad: light-dark(#b3261e, #f2877d);
}
*, *::before, *::after { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
a { color: var(--accent); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100vw; padding: .5rem 1rem; background: var(--card); }
.skip:focus { left: 1rem; top: 1rem; }
.top, main, .foot { max-width: 52rem; margin-inline: auto; padding-inline: 1.25rem; }
.top { padding-block: 1.75rem 1.25rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
.brand {
  display: inline-flex; align-items: center; gap: .65rem; justify-self: start;
  color: inherit; text-decoration: none;
  font: 600 1.4rem/1 Georgia, "Iowan Old Style", "Times New Roman", serif;
}
label { display: block; margin-bottom: .4rem; color: var(--soft); font-size: .9rem; }
.field { display: flex; gap: .6rem; }
input, button { font: inherit; border-radius: .7rem; min-height: 3rem; }
input {
  flex: 1; min-width: 0; padding: .5rem 1rem;
  color: var(--ink); background: var(--card); border: 1px solid var(--soft);
}
input::placeholder { color: var(--soft); opacity: 1; }
button {
  padding: .5rem 1.4rem; border: 0; cursor: pointer;
  background: var(--accent); color: var(--on-accent); font-weight: 600;
}
button:hover { filter: brightness(1.1); }
.heading {
  display: flex; flex-wrap: wrap; gap: .25rem 1rem;
  align-items: baseline; justify-content: space-between; margin-block: .75rem 1rem;
}
h1 {
  margin: 0; overflow-wrap: anywhere;
  font: 600 1.65rem/1.25 Georgia, "Iowan Old Style", "Times New Roman", serif;
}
.heading p { margin: 0; color: var(--soft); font-size: .95rem; }
.books { list-style: none; margin: 0; padding: 0; display: grid; gap: .7rem; }
.book {
  display: flex; gap: 1.1rem; padding: 1rem 1.1rem;
  background: var(--card); border: 1px solid var(--line); border-radius: .9rem;
}
.cover {
  flex: none; width: 3.2rem; height: 4.5rem; display: grid; place-items: center;
  border-radius: .2rem; border-start-end-radius: .45rem; border-end-end-radius: .45rem;
  border-inline-start: .35rem solid rgb(0 0 0 / .25);
  color: #fff; font: 600 1.5rem/1 Georgia, "Times New Roman", serif;
}
.cover-0 { background: #8c2f39; }
.cover-1 { background: #33658a; }
.cover-2 { background: #4f6d3a; }
.cover-3 { background: #6b4c86; }
.cover-4 { background: #97592b; }
.cover-5 { background: #2f6f73; }
.about { min-width: 0; flex: 1; align-self: center; overflow-wrap: anywhere; }
h2 { margin: 0; font: 600 1.1rem/1.35 Georgia, "Iowan Old Style", "Times New Roman", serif; }
.by { margin: .15rem 0 0; color: var(--soft); }
.year { white-space: pre; }
.description {
  margin: .45rem 0 0; font-size: .95rem;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
}
.highlights { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: 1.25rem 2rem; margin-block: 1rem 1.75rem; }
.highlights ul { list-style: none; margin: .6rem 0 0; padding: 0; overflow-wrap: anywhere; }
.queries { display: flex; flex-wrap: wrap; gap: .5rem; }
.queries a {
  display: block; padding: .3rem .85rem; border: 1px solid var(--line); border-radius: 1rem;
  background: var(--card); text-decoration: none;
}
.queries a:hover { border-color: var(--accent); }
.titles li { margin-block: .3rem; }
.notice {
  padding: 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .9rem; overflow-wrap: anywhere;
}
.notice p { margin: 0 0 .5rem; }
.notice p:last-child { margin: 0; }
.pager { display: flex; flex-wrap: wrap; gap: .75rem; margin-block: 1.25rem; }
.pager p { margin: .6rem 0 .6rem auto; color: var(--soft); }
.pager a {
  padding: .6rem 1.1rem; border: 1px solid var(--line); border-radius: .7rem;
  background: var(--card); text-decoration: none; font-weight: 600;
}
.pager a:hover { border-color: var(--accent); }
.pager .next { margin-inline-start: auto; }
.developers { margin-block: 1.5rem 0; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
.developers summary { cursor: pointer; padding-block: .4rem; }
.developers p { margin: .25rem 0 0; }
.event { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .5rem; }
.event code { font-size: .95em; overflow-wrap: anywhere; }
.foot { margin-block: 2.5rem; color: var(--soft); font-size: .85rem; }
.dot { width: .6rem; height: .6rem; border-radius: 50%; background: var(--soft); }
.event-accepted .dot { background: var(--good); }
.event-pending .dot { background: var(--wait); }
.event-refused .dot { background: var(--bad); }
@media (max-width: 32rem) {
  .top { padding-block: 1.25rem 1rem; }
  .book { padding: .85rem; gap: .85rem; }
  .cover { width: 2.6rem; height: 3.7rem; font-size: 1.2rem; }
  button { padding-inline: 1rem; }
}
@media (forced-colors: active) { .dot, .cover { border: 1px solid; } }
`;

/** Named by its contents, so that it may be cached for ever. */
export const stylesheetPath = `/assets/page-${fingerprint(stylesheet)}.css`;

/** FNV-1a, 32 bits: tells our own versions apart, and defends against nobody. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}
