import { checkPage, newPage, pageFieldsAt, type PageState, sealPage } from "./stored_page.ts";

/** Positions belong to a log, so each has an id of its own, 16 random bytes. */
export const logIdBytes = 16;
export const identityBytes = 64;
const magic = "SFLOG-ID";

export function encodeIdentity(logId: Uint8Array): Uint8Array {
  const { page } = newPage(identityBytes);
  page.set(logId, pageFieldsAt);
  return sealPage(page, magic);
}

export function decodeIdentity(page: Uint8Array): Uint8Array | Exclude<PageState, "whole"> {
  const state = checkPage(page, magic);
  return state === "whole" ? page.slice(pageFieldsAt, pageFieldsAt + logIdBytes) : state;
}

export function sameLog(one: Uint8Array, other: Uint8Array): boolean {
  return one.every((byte, n) => byte === other[n]);
}
