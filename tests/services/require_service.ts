import { reportMissing } from "./report_missing.ts";

export interface Service {
  /** As the environment variable says it; undefined where the service is missing. */
  readonly address: string | undefined;
}

/**
 * A real service that some tests need. Where its variable is not set, their absence is printed and
 * reported as ignored; in CI it is a failure.
 */
export function requireService(variable: string, name: string): Service {
  const address = Deno.env.get(variable);
  if (address) return { address };
  reportMissing(name, `${variable} is not set`);
  return { address: undefined };
}
