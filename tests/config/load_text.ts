import assert from "node:assert/strict";
import { ConfigError, type ConfigFault } from "../../src/config/config_error.ts";
import { loadShopConfig, type ShopConfig } from "../../src/composition/configuration.ts";

/**
 * Loads a configuration file that holds `content`, in a directory of its own, with that environment
 * and `.env`.
 */
export async function load(
  content: string | Uint8Array,
  env: Readonly<Record<string, string>> = {},
  dotEnv?: string | Uint8Array,
): Promise<ShopConfig> {
  const directory = await Deno.makeTempDir();
  try {
    const bytes = (text: string | Uint8Array) =>
      typeof text === "string" ? new TextEncoder().encode(text) : text;
    await Deno.writeFile(`${directory}/config.yml`, bytes(content));
    if (dotEnv !== undefined) await Deno.writeFile(`${directory}/.env`, bytes(dotEnv));
    return await loadShopConfig({
      file: `${directory}/config.yml`,
      env: (name) => Object.hasOwn(env, name) ? env[name] : undefined,
      envFile: `${directory}/.env`,
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** What `load` reports; fails where it reports nothing. */
export async function faultsOf(...args: Parameters<typeof load>): Promise<readonly ConfigFault[]> {
  return (await errorOf(...args)).faults;
}

export async function errorOf(...args: Parameters<typeof load>): Promise<ConfigError> {
  try {
    await load(...args);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error;
  }
  return assert.fail("the configuration was accepted");
}
