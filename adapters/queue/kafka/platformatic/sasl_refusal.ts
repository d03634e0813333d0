import { AuthenticationError, ResponseError } from "@platformatic/kafka";
import { errorCodes, KafkaProtocolError } from "../wire/protocol_error.ts";

/**
 * The broker's own refusal behind a failed connection. The library speaks of failed authentication also where the connection was
 * lost in the middle of it, which is no reason to give up.
 */
export function refusalIn(error: unknown): KafkaProtocolError | undefined {
  for (let link = error, depth = 0; link instanceof Error && depth < 10; depth++) {
    if (link instanceof ResponseError) {
      const code: unknown = Reflect.get(Object(link.errors[0]), "apiCode");
      if (typeof code === "number") return refusal(code, error);
    }
    // Without a cause it is what the broker said in the exchange itself, or that it could not prove who it is.
    if (link instanceof AuthenticationError && link.cause === undefined) {
      return refusal(errorCodes.saslAuthenticationFailed, error);
    }
    link = link.cause;
  }
  return undefined;
}

const refusal = (code: number, cause: unknown): KafkaProtocolError =>
  new KafkaProtocolError(code, "SaslAuthenticate", { cause });
