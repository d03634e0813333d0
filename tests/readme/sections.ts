import { queueTable } from "./queue_table.ts";
import type { ReadmeSection } from "./section.ts";

const example = new URL("../examples/sqlite_log.ts", import.meta.url);

/** What the README takes from the code. `deno task readme` writes it; a test fails where it is out of date. */
export const sections: readonly ReadmeSection[] = [
  { name: "queues", text: queueTable },
  {
    name: "adapter-example",
    text: async () => "```ts\n" + (await Deno.readTextFile(example)).trimEnd() + "\n```",
  },
];
