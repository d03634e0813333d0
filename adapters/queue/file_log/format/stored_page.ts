import { checksum } from "./checksum.ts";
import { viewOf } from "./uint64.ts";

/** The first version of the format. A file with a later one is refused; from earlier ones there is none. */
export const formatVersion = 1;

/** Where a page's own fields begin: after magic (8 bytes), version (u32) and checksum (u32). */
export const pageFieldsAt = 16;

/** A page of fields that stand or fall together: identity, segment header, slot. */
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

/** `blank`: nothing but zeros, or nothing at all. `future version` only where the checksum vouches for the version. */
export function checkPage(page: Uint8Array, magic: string): PageState {
  if (page.every((byte) => byte === 0)) return "blank";
  if (page.length < pageFieldsAt) return "broken";
  const view = viewOf(page);
  const sum = checksum(page.subarray(pageFieldsAt), checksum(page.subarray(0, 12)));
  if (view.getUint32(12, true) !== sum) return "broken";
  if (new TextDecoder().decode(page.subarray(0, 8)) !== magic) return "broken";
  return view.getUint32(8, true) === formatVersion ? "whole" : "future version";
}
