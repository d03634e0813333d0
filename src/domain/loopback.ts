/**
 * Whether an address, or a host's name, is this machine's own: 127.0.0.0/8, ::1, an IPv4 one in
 * IPv6's form, `localhost`. Names are not looked up.
 */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/^::ffff:/, "");
  return bare === "localhost" || bare === "::1" || bare === "0:0:0:0:0:0:0:1" ||
    /^127(?:\.\d{1,3}){3}$/.test(bare);
}
