/** Kafka's error codes that code here names, as in org.apache.kafka.common.protocol.Errors. */
export const errorCodes = {
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  topicAuthorizationFailed: 29,
  unsupportedVersion: 35,
  unsupportedForMessageFormat: 43,
  saslAuthenticationFailed: 58,
  unsupportedCompression: 76,
  groupIdNotFound: 69,
  memberIdRequired: 79,
} as const;

/** The broker's answer was an error code, or what it sent cannot be read. */
export class KafkaProtocolError extends Error {
  override readonly name = "KafkaProtocolError";
  readonly code: number;

  constructor(code: number, api: string, options?: ErrorOptions) {
    super(`Broker answered "${api}" with error code ${code}`, options);
    this.code = code;
  }
}

/** @param code 0 is success; an answer without one is none. */
export function failOn(code: number | undefined, api: string): void {
  if (code !== 0) throw new KafkaProtocolError(code ?? -1, api);
}
