import type { TraceContext } from "../../domain/book_search.ts";

// W3C Trace Context §3.2.2 and §3.3.1.
const traceparentForm = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;
const stateKey = /^[a-z0-9][a-z0-9_\-*/]{0,255}(@[a-z][a-z0-9_\-*/]{0,13})?$/;
const stateValue = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const stateMaxMembers = 32;

/**
 * The trace that a request belongs to. What is not valid is dropped, and a state without a valid
 * parent too (§3.3).
 */
export function readTraceContext(headers: Headers): TraceContext | undefined {
  const traceparent = headers.get("traceparent")?.trim();
  if (traceparent === undefined || !isTraceparent(traceparent)) return undefined;
  const tracestate = headers.get("tracestate")?.trim();
  if (tracestate === undefined || !isTracestate(tracestate)) return { traceparent };
  return { traceparent, tracestate };
}

function isTraceparent(text: string): boolean {
  const [, version, traceId = "", parentId = "", rest] = traceparentForm.exec(text) ?? [];
  if (version === undefined || version === "ff" || text.length > 256) return false;
  if (version === "00" && rest !== undefined) return false;
  return /[^0]/.test(traceId) && /[^0]/.test(parentId);
}

function isTracestate(text: string): boolean {
  const members = text.split(",").map((member) => member.trim()).filter((member) => member !== "");
  if (members.length === 0 || members.length > stateMaxMembers || text.length > 2048) return false;
  const keys = members.map((member) => member.split("=", 1)[0] ?? "");
  return new Set(keys).size === keys.length && members.every((member, index) => {
    const key = keys[index] ?? "";
    return stateKey.test(key) && stateValue.test(member.slice(key.length + 1));
  });
}
