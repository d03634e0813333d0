/**
 * Pages of fields that stand or fall together (identity, segment header, slot), each of which
 * belongs to a log.
 */
import { checksum } from "./checksum.ts";
import { viewOf } from "./uint64.ts";

/**
 * The first version of the format. A file with a later one is refused; from earlier ones there is
 * none.
 */
export const formatVersion = 1;

/** Positions belong to a log, so each has an id of its own, 16 random bytes. */
export const logIdBytes = 16;

/** Where a page's own fields begin: after magic (8 bytes), version (u32) and checksum (u32). */
export const pageFieldsAt = 16;

export function newPage(bytes: number): { readonly page: Uint8Array; readonly view: DataView } {
  const page = new Uint8Array(bytes);
  return { page, view: viewOf(page) };
}

/** Fills in magic, version and checksum, last. */
export function sealPage(
  page: Uint8Array,
  magic: string,
  version: number = formatVersion,
): Uint8Array {
  const view = viewOf(page);
  page.set(new TextEncoder().encode(magic));
  view.setUint32(8, version, true);
  view.setUint32(12, checksum(page.subarray(pageFieldsAt), checksum(page.subarray(0, 12))), true);
  return page;
}

export type PageState = "whole" | "blank" | "broken" | "future version";

/**
 * `blank`: nothing but zeros, or nothing at all. `future version` only where the checksum vouches
 * for the version.
 */
export function checkPage(page: Uint8Array, magic: string): PageState {
  if (page.every((byte) => byte === 0)) return "blank";
  if (page.length < pageFieldsAt) return "broken";
  const view = viewOf(page);
  const sum = checksum(page.subarray(pageFieldsAt), checksum(page.subarray(0, 12)));
  if (view.getUint32(12, true) !== sum) return "broken";
  if (new TextDecoder().decode(page.subarray(0, 8)) !== magic) return "broken";
  return view.getUint32(8, true) === formatVersion ? "whole" : "future version";
}

export function sameLog(one: Uint8Array, other: Uint8Array): boolean {
  return one.every((byte, n) => byte === other[n]);
}

/** Of the page that says which log this is. */
export const identityBytes = 64;
const identityMagic = "SFLOG-ID";

export function encodeIdentity(logId: Uint8Array): Uint8Array {
  const { page } = newPage(identityBytes);
  page.set(logId, pageFieldsAt);
  return sealPage(page, identityMagic);
}

export function decodeIdentity(page: Uint8Array): Uint8Array | Exclude<PageState, "whole"> {
  const state = checkPage(page, identityMagic);
  return state === "whole" ? page.slice(pageFieldsAt, pageFieldsAt + logIdBytes) : state;
}
