/**
 * The library's own connection: how it is opened, what it answers, and what it says when the broker
 * refuses it.
 */
import { type API, AuthenticationError, Connection, ResponseError } from "@platformatic/kafka";
import { isIP } from "node:net";
import type { DriverOptions } from "../driver/driver.ts";
import { errorCodes, KafkaProtocolError } from "../wire/protocol_error.ts";

/**
 * More than are ever sent side by side: a request that waits inside the client would use up its
 * time there.
 */
const maxInflights = 1024;

export function openConnection(options: DriverOptions, host: string): Connection {
  const { protocol, mechanism = "PLAIN", username = "", password = "", caPem } = options.security;
  const connection = new Connection(options.clientId, {
    connectTimeout: options.connectTimeoutMs,
    // Every request has a time limit of its own here, since some may wait at the broker; this one
    // only bounds them all.
    requestTimeout: 10 * options.requestTimeoutMs,
    maxInflights,
    ...(protocol.endsWith("SSL") && {
      tls: caPem === undefined ? {} : { ca: [caPem] },
      ...(isIP(host) === 0 && { tlsServerName: host }),
    }),
    ...(protocol.startsWith("SASL") && { sasl: { mechanism, username, password } }),
  });
  // What it says is said by what it rejects, too; unheard it would end the process.
  connection.on("error", () => {});
  return connection;
}

/** The library rejects where an answer holds an error code, and knows only some of them. */
export function ask<Request extends unknown[], Answer>(
  connection: Connection,
  api: API<Request, Answer>,
  request: Request,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const tell = (error: Error | null, answer?: Answer): void => {
      if (error instanceof ResponseError) resolve(error.response as Answer);
      else if (error !== null || answer === undefined) reject(error);
      else resolve(answer);
    };
    api(connection, ...request, tell as Parameters<typeof api>[1] & typeof tell);
  });
}

/**
 * The broker's own refusal behind a failed connection. The library speaks of failed authentication
 * also where the connection was lost in the middle of it, which is no reason to give up.
 */
export function refusalIn(error: unknown): KafkaProtocolError | undefined {
  for (let link = error, depth = 0; link instanceof Error && depth < 10; depth++) {
    if (link instanceof ResponseError) {
      const code: unknown = Reflect.get(Object(link.errors[0]), "apiCode");
      if (typeof code === "number") return refusal(code, error);
    }
    // Without a cause it is what the broker said in the exchange itself, or that it could not prove
    // who it is.
    if (link instanceof AuthenticationError && link.cause === undefined) {
      return refusal(errorCodes.saslAuthenticationFailed, error);
    }
    link = link.cause;
  }
  return undefined;
}

const refusal = (code: number, cause: unknown): KafkaProtocolError =>
  new KafkaProtocolError(code, "SaslAuthenticate", { cause });
