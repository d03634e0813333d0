/**
 * What is YAML and yet refused here, because it harms or because readers of YAML differ about it: a
 * configuration means the same whichever of them `@std/yaml` is mapped to.
 */

interface YamlFault {
  readonly is: string;
  readonly wanted: string;
}

/** The first such place in a file's text; its message holds nothing of the text but a sign. */
export function ambiguousYaml(text: string): YamlFault | undefined {
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    // Read as not indented by some, forbidden by others. Comments may stand anywhere.
    if (/^ *\t\s*[^\s#]/.test(line)) {
      return { is: `is indented with a tab on line ${index + 1}`, wanted: "spaces" };
    }
    const bare = withoutQuoted(line).replace(/(^|\s)#.*$/, "$1");
    const sign = signOf(bare);
    if (sign !== undefined) {
      return {
        is: `has a value that begins with "${sign}" on line ${index + 1}`,
        wanted: "no YAML tags, anchors or aliases (and text that begins so in quotes)",
      };
    }
    if (hasAmbiguousNumber(bare)) {
      return {
        is: `has a value on line ${index + 1} that is a number to some readers of YAML`,
        wanted: "a number without leading zeros, underscores and prefixes, or text in quotes",
      };
    }
  }
  return undefined;
}

const quoted = { '"': /"(?:[^"\\]|\\.)*"/y, "'": /'(?:[^']|'')*'/y } as const;

/**
 * A line with "_" for each text in quotes. Where one quote is not closed, none of its kind behind
 * it is: they are not tried, as that would read the line once for each.
 */
function withoutQuoted(line: string): string {
  const unclosed = new Set<string>();
  let bare = "";
  let at = 0;
  for (const { index, 0: quote } of line.matchAll(/["']/g)) {
    if (index < at || unclosed.has(quote)) continue;
    const pattern = quoted[quote === '"' ? '"' : "'"];
    pattern.lastIndex = index;
    if (pattern.test(line)) {
      bare += `${line.slice(at, index)}_`;
      at = pattern.lastIndex;
    } else unclosed.add(quote);
  }
  return bare + line.slice(at);
}

/**
 * The sign of a tag, an anchor or an alias. They have no use here, and harm: `password: !abc` is an
 * empty text with a tag, `password: *abc` an error that prints the password, and aliases of aliases
 * fill the memory.
 */
function signOf(bare: string): string | undefined {
  return /(?:^|[:,[{?-])\s+([!&*])/.exec(bare)?.[1] ?? /^\s*([!&*])/.exec(bare)?.[1] ??
    /[[{,]([!&*])/.exec(bare)?.[1];
}

const numberLike = /^[-+]?(?:(?=[._]*\d)[\d_]*\.?[\d_]*(?:e[-+]?\d+)?|0[box][\da-f_]+)$/i;
const plainNumber = /^(?:[-+]?(?:0|[1-9]\d*)(?:\.\d*)?(?:e[-+]?\d+)?|0x[\da-f]+)$/i;

/** `017` is 17, 15 or text; so are `1_000`, `0b11`, `0o17`, `.5` and more, each to somebody. */
function hasAmbiguousNumber(bare: string): boolean {
  const values = bare.matchAll(/(?:^\s*|[:?-]\s+|[[{,]\s*)([-+.\w]+)(?=\s*(?:[,\]}]|$))/g);
  return values.some(([, value = ""]) => numberLike.test(value) && !plainNumber.test(value));
}
