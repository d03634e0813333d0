/** One text for equal JSON. */
const maxDepth = 500;

/**
 * JSON in one form for equal data: members sorted by name (by UTF-16 code units, as RFC 8785 has
 * it), no white space, and numbers by their value, all digits kept (`JSON.parse` alone would turn
 * 12345678901234567890 into 12345678901234567000).
 *
 * @throws {SyntaxError} where the text is not JSON, has a name twice in an object, or is nested too
 *   deeply.
 */
export function canonicalJson(text: string): string {
  // Judges the text, so that the tokens below need no checks.
  JSON.parse(text);
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  let at = 0;
  return value(0);

  function value(depth: number): string {
    if (depth > maxDepth) {
      throw new SyntaxError(`JSON is nested ${depth} levels deep, wanted at most ${maxDepth}`);
    }
    const token = tokens[at++] ?? "";
    if (token === "{") return object(depth);
    if (token === "[") return array(depth);
    if (token.startsWith('"')) return JSON.stringify(JSON.parse(token));
    return /^[-0-9]/.test(token) ? canonicalNumber(token) : token;
  }

  function object(depth: number): string {
    const members = new Map<string, string>();
    while (tokens[at] !== "}") {
      skip(",");
      const quotedName = value(depth);
      if (members.has(quotedName)) {
        throw new SyntaxError(`JSON has the name ${quotedName} twice in an object, wanted it once`);
      }
      skip(":");
      members.set(quotedName, value(depth + 1));
    }
    skip("}");
    const parsed = (name: string): string => String(JSON.parse(name));
    const sorted = [...members].sort(([a], [b]) => parsed(a) < parsed(b) ? -1 : 1);
    return `{${sorted.map(([name, member]) => `${name}:${member}`).join(",")}}`;
  }

  function array(depth: number): string {
    const items: string[] = [];
    while (tokens[at] !== "]") {
      skip(",");
      items.push(value(depth + 1));
    }
    skip("]");
    return `[${items.join(",")}]`;
  }

  function skip(token: string): void {
    if (tokens[at] === token) at++;
  }
}

/**
 * A number as JavaScript writes it where it can hold it exactly as written; else with all its
 * digits.
 */
function canonicalNumber(token: string): string {
  const short = JSON.stringify(Number(token));
  const exact = decimal(token);
  if (short !== "null" && decimal(short) === exact) return short;
  const [, sign = "", digits = "", exponent = ""] = /^(-?)([0-9]+)e(.+)$/.exec(exact) ?? [];
  const zeros = Number(exponent);
  return zeros >= 0 && zeros <= 30 ? sign + digits + "0".repeat(zeros) : exact;
}

/** A number as digits without zeros at either end, and an exponent: equal for equal values. */
function decimal(token: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([-+]?[0-9]+))?$/.exec(token) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return "0e0";
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  const significant = digits.slice(0, end);
  const zeros = BigInt(exponent) - BigInt(fraction.length) +
    BigInt(digits.length - significant.length);
  return `${sign}${significant}e${zeros}`;
}
