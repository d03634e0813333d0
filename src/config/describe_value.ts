import type { SchemaKey } from "./schema_keys.ts";
import type { Origin } from "./settings_tree.ts";

/**
 * What a value is, for people. Secrets, and what came out of the environment, which may be one, are
 * not shown.
 */
export function describeValue(
  key: Pick<SchemaKey, "secret"> | undefined,
  value: unknown,
  origin: Origin | undefined,
): string {
  if (key?.secret === true) return `is ${kindOf(value)} (not shown)`;
  if (origin !== undefined) {
    const names = [...new Set(origin.variables)].join(", ");
    return `is ${JSON.stringify(origin.template)} (the value of ${names} is not shown)`;
  }
  const shown = Array.isArray(value) ? value.map(showScalar).join(", ") : showScalar(value);
  return `is ${Array.isArray(value) ? `[${shown}]` : shown}`;
}

function showScalar(value: unknown): string {
  if (typeof value === "object") return kindOf(value);
  if (typeof value !== "string") return String(value);
  // "name:password@host" in an address is a secret too.
  const text = value.split(/([\s,/])/).map((part) => part.replace(/^[^]*@/, "***@")).join("");
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? "text" : `a ${typeof value}`;
}
