import type { Child, FC } from "hono/jsx";

/** What customers need not see. */
export const DevelopersFold: FC<{ readonly children: Child }> = ({ children }) => (
  <details class="developers">
    <summary>For developers</summary>
    {children}
  </details>
);
