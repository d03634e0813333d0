/** `deno task readme`: writes the README's sections that are made from the code. */
import { writeSection } from "./section.ts";
import { sections } from "./sections.ts";

for (const section of sections) await writeSection(section);
