/** One thing that is wrong with the configuration. */
export interface ConfigFault {
  /** The file as it was named, or the environment variable's source. */
  readonly file: string;
  /** The key, as `mq.kafka.client`; empty where the whole file is at fault. */
  readonly path: string;
  /** What is, as a predicate: `is "kafkajz"`, `is not set`. Never a secret. */
  readonly is: string;
  /** What is wanted, as a noun: `one of "kafkajs", "platformatic"`. */
  readonly wanted: string;
  /** The nearest legal name, where there is one. */
  readonly didYouMean?: string;
}

/**
 * Everything that is wrong with the configuration, at once. The message is for people, the faults
 * are for programs.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[], options?: { readonly cause?: unknown }) {
    const head = faults.length === 1
      ? "Configuration has a fault"
      : `Configuration has ${faults.length} faults`;
    super([head, ...faults.map((fault) => `  ${describeFault(fault)}`)].join("\n"), options);
    this.faults = faults;
  }
}

/** A fault as one line: file, key, what is, what is wanted, did you mean. */
export function describeFault({ file, path, is, wanted, didYouMean }: ConfigFault): string {
  const subject = path === "" ? `${file} ` : `${file}: ${path} `;
  const hint = didYouMean === undefined ? "" : `; did you mean "${didYouMean}"?`;
  return `${subject}${is}, wanted ${wanted}${hint}`;
}
