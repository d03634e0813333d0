import { queueTable } from "./queue_table.ts";
import type { ReadmeSection } from "./section.ts";

/**
 * What the README takes from the code. `deno task readme` writes it; a test fails where it is out
 * of date.
 */
export const sections: readonly ReadmeSection[] = [
  { name: "queues", text: queueTable },
];
