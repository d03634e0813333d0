/** Gives the value of a variable of the real environment; undefined where it is not set. */
export type Environment = (name: string) => string | undefined;

/**
 * The environment of this process.
 *
 * @throws {Deno.errors.NotCapable} Where it may not read that variable; also where Deno was told
 * to say that such are not set (`--ignore-env`).
 */
export function processEnvironment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  if (state === "granted") return Deno.env.get(name);
  throw new Deno.errors.NotCapable(`Environment variable "${name}" may not be read`);
}

/** Looks variables up, and keeps in mind which. */
export interface Lookup {
  /**
   * The environment's value, else that of `.env`; empty where it may not be read.
   *
   * @param isInSecret What looks like a variable there may be a piece of the secret.
   */
  of(name: string, isInSecret?: boolean): string | undefined;
  /** What was looked up; `""` stands for names that must not be seen. */
  readonly asked: ReadonlySet<string>;
  /** What of it may not be read. */
  readonly refused: ReadonlySet<string>;
}

/** How variables are named; a piece of a password is hardly ever so. */
export const isVariableName = (name: string): boolean => /^[A-Z][A-Z0-9_]*$/.test(name);

export function lookUpIn(
  environment: Environment,
  dotEnv: Readonly<Record<string, string | undefined>>,
): Lookup {
  const asked = new Set<string>();
  const refused = new Set<string>();
  return {
    of(name, isInSecret = false) {
      const shown = isInSecret && !isVariableName(name) ? "" : name;
      const own = Object.hasOwn(dotEnv, name) ? dotEnv[name] : undefined;
      asked.add(shown);
      try {
        return environment(name) ?? own;
      } catch (error) {
        if (!(error instanceof Deno.errors.NotCapable)) throw error;
        refused.add(shown);
        // One fault is enough: it need not be told that it is not set, too.
        return own ?? "";
      }
    },
    asked,
    refused,
  };
}
