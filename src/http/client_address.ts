/** Whose request it is, where proxies pass requests on. */
import { BlockList, isIP } from "node:net";
import type { Peer } from "./exchange/operators_only.ts";

/**
 * The address of the client: the peer's or, where the peer is a proxy that is trusted, the last in
 * `X-Forwarded-For` that is none. What stands before that one may be anybody's invention. Of IPv6
 * it is the network, 64 bits, as that is what one client has.
 *
 * @param trusted Addresses and networks (`10.0.0.0/8`).
 */
export function clientAddress(
  trusted: readonly string[],
): (headers: Headers, peer: Peer) => string {
  const proxies = new BlockList();
  for (const entry of trusted) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  const isProxy = (address: string): boolean => {
    const version = isIP(address);
    return version !== 0 && proxies.check(address, version === 6 ? "ipv6" : "ipv4");
  };

  return (headers, { address }) => {
    const peer = plain(address);
    if (trusted.length === 0 || !isProxy(peer)) return networkOf(peer);
    const passedOn = (headers.get("X-Forwarded-For") ?? "").split(",").map((one) => one.trim());
    const client = passedOn.map(plain).findLast((one) => isIP(one) !== 0 && !isProxy(one));
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
