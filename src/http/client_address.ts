/** Whose request it is, where proxies pass requests on. */
import type { Peer } from "./exchange/operators_only.ts";

/** Whose `X-Forwarded-For` is believed (`trusted_proxies.ts`). */
export interface TrustedProxies {
  /** Whether it is an address at all. */
  isAddress(text: string): boolean;
  has(address: string): boolean;
}

/**
 * The address of the client: the peer's or, where the peer is a proxy that is trusted, the last in
 * `X-Forwarded-For` that is none. What stands before that one may be anybody's invention. Of IPv6
 * it is the network, 64 bits, as that is what one client has.
 *
 * @param proxies Absent: nobody is believed.
 */
export function clientAddress(
  proxies?: TrustedProxies,
): (headers: Headers, peer: Peer) => string {
  return (headers, { address }) => {
    const peer = plain(address);
    if (proxies === undefined || !proxies.has(peer)) return networkOf(peer);
    const passedOn = (headers.get("X-Forwarded-For") ?? "").split(",").map((one) => one.trim());
    const client = passedOn.map(plain)
      .findLast((one) => proxies.isAddress(one) && !proxies.has(one));
    return networkOf(client ?? peer);
  };
}

/** An IPv4 address that is written as IPv6 is that IPv4 address. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");

function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [before = "", after] = address.split("::");
  const head = before.split(":").filter((group) => group !== "");
  const tail = (after ?? "").split(":").filter((group) => group !== "");
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array.from({ length: zeros }, () => "0"), ...tail];
  return groups.slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, "")).join(":");
}
