// @ts-types="@types/js-yaml"
import { CORE_SCHEMA, load } from "js-yaml";

/**
 * The part of `@std/yaml` that is used here, over `js-yaml`, of which that one is a port.
 * `deno.json` maps `@std/yaml` here because the standard library's registry is not reachable where
 * this is built; mapping it to `jsr:@std/yaml` needs no other change.
 *
 * It is one module that runs without what Deno has for Node: each start loads it.
 */
export function parse(text: string, _options?: { readonly schema: "core" }): unknown {
  return load(text, { schema: CORE_SCHEMA });
}
