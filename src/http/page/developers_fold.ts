import { type Markup, markup, type Part } from "./markup.ts";

/** What customers need not see. */
export const developersFold = (contents: Part): Markup =>
  markup`
    <details class="developers">
      <summary>For developers</summary>
      ${contents}
    </details>`;
