/**
 * The grammar of error texts: sentence case, no final period, one sentence, values quoted, and what
 * is wanted in the one word "wanted". It judges a text with its gaps, as the code has it, without
 * knowing what will fill them.
 */

/** A text of the code: what stands there, and between two parts the source of what is filled in. */
export interface TextWithGaps {
  /** One more than gaps. */
  readonly parts: readonly string[];
  readonly gaps: readonly string[];
}

/**
 * Gaps that are numbers, told by the name that ends them, by their unit or by arithmetic: only
 * these stand without quotes.
 */
const numbers = [
  /(?:Ms|Seconds|Depth|Bytes|Max|Count|Characters)$/,
  /(?:^|\.)(?:at|base|bytes|code|count|depth|first|index|last|length|limit|maxBytes|maxRecords|most|newest|node|partition|pending|port|size|through|timestamp)$/,
  /^[\w.]+ [-+*/] [\w.]+$/,
];

/** Gaps that are words of ours or a library's sentence, which quote what they must themselves. */
const phrases =
  /(?:^|\.)(?:advice|allowed|detail|doing|is|means|words|message|reason|wanted|what|kindOf)(?:\(.*\))?$/;

/** Gaps that bring quotes with them. */
const quoting = /^JSON\.stringify\(|^quoted|\.map\(quote\)/;

/**
 * What is wrong with a text, in the order of the rule; `wantsWanted` where it must say what is
 * wanted.
 */
export function grammarFaults(text: TextWithGaps, wantsWanted: boolean): readonly string[] {
  const all = text.parts.join("…");
  const faults: string[] = [];
  if (/^[^\p{Lu}…]/u.test(all) || /^…/.test(all) && !phrases.test(text.gaps[0] ?? "")) {
    faults.push("begins without a capital letter, wanted sentence case");
  }
  if (/[.!]$/.test(all)) faults.push(`ends with "${all.at(-1)}", wanted none`);
  else if (/[.!] /.test(all)) faults.push("has several sentences, wanted one, or a colon");
  if (/\w(?:n't|'re|'ll|'ve|'m)\b/.test(all)) faults.push("has a contraction, wanted both words");
  if (/'[^'\s][^']*'(?!\w)/.test(all)) faults.push("has single quotes, wanted double ones");
  const word = /\b(?:expected|must be|should be|needs to be|invalid|illegal)\b/i.exec(all)?.[0];
  if (word !== undefined) faults.push(`says "${word}", wanted what is, then ", wanted …"`);
  if (wantsWanted && !/\bwanted /.test(all) && !text.gaps.includes("wanted")) {
    faults.push('does not say what is wanted, wanted ", wanted …"');
  }
  return [...faults, ...unquotedGaps(text)];
}

function unquotedGaps({ parts, gaps }: TextWithGaps): readonly string[] {
  let quotes = 0;
  return gaps.flatMap((gap, index) => {
    quotes += parts[index]?.match(/"/g)?.length ?? 0;
    const stands = quotes % 2 === 1 || phrases.test(gap) || quoting.test(gap) ||
      numbers.some((number) => number.test(gap));
    return stands ? [] : [`has the value of "${gap}" without quotes, wanted it quoted`];
  });
}
