/** The README's text between `<!-- begin NAME -->` and `<!-- end NAME -->`, which is made from the code. */
export interface ReadmeSection {
  readonly name: string;
  readonly text: () => Promise<string>;
}

const readme = new URL("../../README.md", import.meta.url);

const between = (name: string): RegExp =>
  new RegExp(`(<!-- begin ${name} -->\n)([\\s\\S]*?)(\n<!-- end ${name} -->)`);

export async function readSection(name: string): Promise<string> {
  const found = between(name).exec(await Deno.readTextFile(readme));
  if (found?.[2] === undefined) throw new Error(`README.md has no section "${name}"`);
  return found[2];
}

export async function writeSection({ name, text }: ReadmeSection): Promise<void> {
  const made = await text();
  const old = await Deno.readTextFile(readme);
  await Deno.writeTextFile(
    readme,
    old.replace(between(name), (_, begin, __, end) => begin + made + end),
  );
}
