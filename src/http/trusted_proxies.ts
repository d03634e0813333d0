import { BlockList, isIP } from "node:net";
import type { TrustedProxies } from "./client_address.ts";

/** Loaded only where there are any, as what Deno has for `node:net` is large. */
export function trustedProxies(entries: readonly string[]): TrustedProxies {
  const proxies = new BlockList();
  for (const entry of entries) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  return {
    isAddress: (text) => isIP(text) !== 0,
    has(address) {
      const version = isIP(address);
      return version !== 0 && proxies.check(address, version === 6 ? "ipv6" : "ipv4");
    },
  };
}
