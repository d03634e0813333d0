/**
 * The README's text between `<!-- begin NAME -->` and `<!-- end NAME -->`, which is made from the
 * code.
 */
export interface ReadmeSection {
  readonly name: string;
  readonly text: () => string | Promise<string>;
}

const readme = new URL("../../README.md", import.meta.url);

const between = (name: string): RegExp =>
  new RegExp(`(<!-- begin ${name} -->\n)([\\s\\S]*?)(\n<!-- end ${name} -->)`);

export async function readSection(name: string): Promise<string> {
  const [, , text] = find(name, await Deno.readTextFile(readme));
  return text ?? "";
}

export async function writeSection({ name, text }: ReadmeSection): Promise<void> {
  const old = await Deno.readTextFile(readme);
  const [whole, begin, , end] = find(name, old);
  // A function, because "$" in the text would otherwise mean something.
  const made = `${begin}${await text()}${end}`;
  await Deno.writeTextFile(readme, old.replace(whole, () => made));
}

function find(name: string, markdown: string): RegExpExecArray {
  const found = between(name).exec(markdown);
  if (found === null) throw new Error(`README.md has no section "${name}"`);
  return found;
}
