/** How to speak to the brokers. */
export interface KafkaSecurity {
  readonly protocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /** With SASL. Default: `PLAIN`. */
  readonly mechanism?: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  readonly username?: string;
  readonly password?: string;
  /** With SSL: certificates of an own authority, PEM text. Default: the system's. */
  readonly caPem?: string;
}

/** What a driver is opened with. */
export interface DriverOptions {
  /** host:port, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly security: KafkaSecurity;
  /** Until a connection is made and has been authenticated. */
  readonly connectTimeoutMs: number;
  /** Until a request is answered. */
  readonly requestTimeoutMs: number;
}
