import { authPlugins } from "mysql2";

/**
 * Logins for which the password is encrypted with the server's public key, known beforehand. By
 * itself mysql2 asks whoever answers for a key, and so gives the password to whoever stands in for
 * the server.
 *
 * @param publicKey PEM text.
 */
export function loginsWithKey(publicKey: string) {
  const options = { serverPublicKey: publicKey };
  return {
    caching_sha2_password: authPlugins.caching_sha2_password(options),
    sha256_password: authPlugins.sha256_password(options),
  };
}
