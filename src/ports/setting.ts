/**
 * Keys of an adapter's configuration, as data: what form a value has and what stands for it where
 * it is absent. The program checks and documents them without loading the adapter.
 */

/** What a value may be. What an environment variable gives is text, and means the same. */
export type SettingForm =
  /** `unit` is for people, as `bytes`; empty: a bare number. */
  | {
    readonly kind: "whole number";
    readonly min: number;
    readonly max: number;
    readonly unit: string;
  }
  /**
   * One of a few words; `""` among them is an absent one. `ignoreCase`: they are written in
   * capitals, and taken in any case.
   */
  | { readonly kind: "choice"; readonly words: readonly string[]; readonly ignoreCase: boolean }
  /** True or false. */
  | { readonly kind: "flag" }
  /** One line. */
  | { readonly kind: "text"; readonly maxLength: number }
  /** Text that must not be seen anywhere. */
  | { readonly kind: "secret" }
  /** Of a file or directory, relative to the working directory. */
  | { readonly kind: "path" }
  /** A host's name or address, without a port. */
  | { readonly kind: "host" }
  /** `host:port` of one or several: a list, or text with commas. */
  | { readonly kind: "addresses" }
  /** Names of consumer groups, perhaps none: a list, or text with commas. */
  | { readonly kind: "groups" }
  /** The path of a PEM file, which is read where its adapter is chosen. */
  | { readonly kind: "certificates"; readonly holds: "certificates" | "a public key" };

/** A key. */
export interface Setting<Value = unknown> {
  /** What its values may be. */
  readonly form: SettingForm;
  /** Its value where it is absent or empty. */
  readonly fallback: Value;
}

/** Keys by their names in `config.yml`. */
export type Settings = Readonly<Record<string, Setting>>;

/** The values of keys. */
export type Values<Keys extends Settings> = {
  readonly [Key in keyof Keys]: Keys[Key] extends Setting<infer Value> ? Value : never;
};

/** What a key of certificates, or of a public key, holds. */
export interface CertificateFile {
  /** As it was written; `""`: none is named. */
  readonly path: string;
  /**
   * PEM text as the file holds it now: to be asked for with each connection, since authorities are
   * replaced. `""` where none is named, or its adapter is not chosen.
   */
  readonly pem: string;
}

/**
 * A whole number.
 *
 * @param unit For people, as `bytes`.
 */
export function wholeNumber(
  min: number,
  max: number,
  fallback: number,
  unit = "",
): Setting<number> {
  return { form: { kind: "whole number", min, max, unit }, fallback };
}

/** One of `words`. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  fallback: NoInfer<Word>,
): Setting<Word> {
  return { form: { kind: "choice", words, ignoreCase: false }, fallback };
}

/** One of `words`, which are capitals, taken in any case. */
export function oneOfCapitals<const Word extends string>(
  words: readonly Word[],
  fallback: NoInfer<Word>,
): Setting<Word> {
  return { form: { kind: "choice", words, ignoreCase: true }, fallback };
}

/** True or false. */
export function flag(fallback: boolean): Setting<boolean> {
  return { form: { kind: "flag" }, fallback };
}

/** One line; absent is `""`. */
export function text(maxLength = 1024): Setting<string> {
  return { form: { kind: "text", maxLength }, fallback: "" };
}

/** Text that must not be seen anywhere; absent is `""`. */
export function secret(): Setting<string> {
  return { form: { kind: "secret" }, fallback: "" };
}

/** Of a file or directory. */
export function path(fallback: string): Setting<string> {
  return { form: { kind: "path" }, fallback };
}

/** A host's name or address. */
export function host(fallback: string): Setting<string> {
  return { form: { kind: "host" }, fallback };
}

/** `host:port` of one or several. */
export function addresses(...fallback: readonly string[]): Setting<readonly string[]> {
  return { form: { kind: "addresses" }, fallback };
}

/** Names of consumer groups; absent: none. */
export function groups(): Setting<readonly string[]> {
  return { form: { kind: "groups" }, fallback: [] };
}

/** A file of certificates; absent: none is named. */
export function certificates(): Setting<CertificateFile> {
  return pemFile("certificates");
}

/** A file with a public key; absent: none is named. */
export function publicKey(): Setting<CertificateFile> {
  return pemFile("a public key");
}

function pemFile(holds: "certificates" | "a public key"): Setting<CertificateFile> {
  return { form: { kind: "certificates", holds }, fallback: { path: "", pem: "" } };
}
