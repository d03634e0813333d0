/** A text with its variables filled in. */
export interface Substitution {
  readonly text: string;
  /**
   * The variables whose values stand in the text; defaults that were written in the file are not
   * among them.
   */
  readonly used: readonly string[];
  readonly faults: readonly SubstitutionFault[];
}

export type SubstitutionFault =
  | { readonly kind: "not set"; readonly name: string }
  | { readonly kind: "malformed" };

const placeholder = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^{}])*))?\})?/g;

/**
 * Fills `${NAME}` and `${NAME:-default}` in one value. A variable that is empty takes the default
 * too, as in a shell; a default is literal. `$${` stands for the two characters `${`; any other `$`
 * for itself. What is filled in is not looked at again.
 */
export function substitute(
  template: string,
  lookup: (name: string) => string | undefined,
): Substitution {
  const used: string[] = [];
  const faults: SubstitutionFault[] = [];
  const text = template.replaceAll(
    placeholder,
    (all: string, name: string | undefined, fallback: string | undefined) => {
      if (all === "$${") return "${";
      if (name === undefined) {
        faults.push({ kind: "malformed" });
        return all;
      }
      const value = lookup(name);
      if (fallback !== undefined && (value === undefined || value === "")) return fallback;
      if (value === undefined) {
        faults.push({ kind: "not set", name });
        return "";
      }
      used.push(name);
      return value;
    },
  );
  return { text, used, faults };
}
