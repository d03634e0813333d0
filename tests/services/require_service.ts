import { it } from "@std/testing/bdd";

export interface Service {
  /** As the environment variable says it; undefined where the service is missing. */
  readonly address: string | undefined;
}

/**
 * A real service that some tests need. Where its variable is not set, their absence is printed and reported as ignored; in CI it
 * is a failure.
 */
export function requireService(variable: string, name: string): Service {
  const address = Deno.env.get(variable);
  if (address) return { address };
  const reason = `${name} is missing: ${variable} is not set`;
  console.log(`skipped: ${reason}`);
  if (Deno.env.get("CI")) {
    it(reason, () => {
      throw new Error(reason);
    });
  } else {
    it.skip(reason);
  }
  return { address: undefined };
}
