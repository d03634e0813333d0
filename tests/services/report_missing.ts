import { it } from "@std/testing/bdd";

/**
 * Says that something which tests need is not here: printed and reported as ignored; in CI it is a
 * failure.
 */
export function reportMissing(what: string, reason: string): void {
  if (Deno.env.get("CI")) {
    it(`${what}: ${reason}`, () => {
      throw new Error(`${what} cannot be tested: ${reason}`);
    });
  } else {
    console.log(`skipped: ${what} (${reason})`);
    it.skip(`${what} (${reason})`, () => {});
  }
}
