/** The kinds of values in the schema. */
import * as v from "valibot";

/**
 * The kinds of values that a key can have. Each takes what a YAML file or an environment variable
 * gives (so a number may come as text) and its message is what is wanted. A key that is absent has
 * its default.
 */

/** Whole numbers; as text in decimal digits. */
export function wholeNumber(min: number, max: number, unit = "") {
  const wanted = `a whole number from ${min} to ${max}${unit === "" ? "" : ` (${unit})`}`;
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, number>(({ dataset, addIssue, NEVER }) => {
      const input = dataset.value;
      const number = typeof input === "string" && /^[0-9]{1,15}$/.test(input)
        ? Number(input)
        : input;
      if (
        typeof number !== "number" || !Number.isSafeInteger(number) || number < min || number > max
      ) {
        addIssue({ message: wanted });
        return NEVER;
      }
      return number;
    }),
  );
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  const wanted = `${words.length > 1 ? "one of " : ""}${
    words.filter(Boolean).map((word) => `"${word}"`).join(", ")
  }`;
  return v.pipe(v.picklist(words, wanted), v.metadata({ words: words.filter(Boolean) }));
}

/** True or false; as text, too. */
export function flag() {
  return v.pipe(
    v.unknown(),
    v.transform((input) => input === "true" ? true : input === "false" ? false : input),
    v.boolean("true or false"),
    v.metadata({ words: ["true", "false"] }),
  );
}

/**
 * As `oneOf`, with words written in capitals but taken in any case, as librdkafka does; absent is
 * `""`.
 */
export function oneOfCapitals<const Words extends readonly [string, ...string[]]>(words: Words) {
  return v.pipe(
    v.unknown(),
    v.transform((input) => typeof input === "string" ? input.toUpperCase() : input),
    oneOf(words),
  );
}

/** Text of one line. A number is refused, not turned into text: YAML has already read 007 as 7. */
export function text(maxLength = 1024) {
  const wanted = `text of one line, at most ${maxLength} characters (a number in quotes)`;
  return v.pipe(
    v.string(wanted),
    // deno-lint-ignore no-control-regex -- control characters are what it looks for
    v.check((value) => value.length <= maxLength && !/[\u0000-\u001f\u007f]/.test(value), wanted),
  );
}

/** A path in the file system; a relative one is relative to the working directory. */
export function path() {
  const wanted = "the path of a file or directory";
  return v.pipe(
    v.string(wanted),
    v.check((value) => !value.includes("\0") && value.length <= 4096, wanted),
  );
}

/** The path of a file of certificates, which is read later. */
export function certificatePath() {
  return v.pipe(path(), v.transform((path) => ({ path, pem: "" })));
}

/** Text that must not be seen anywhere. */
export function secret() {
  return v.pipe(v.string("text (a number in quotes)"), v.metadata({ secret: true }));
}

/**
 * A topic's name by Kafka's rule (`domain/topic_name.ts`, which configuration must not import; a
 * test proves them equal), short enough that `<topic>.dlq` is one too.
 */
export function topicName() {
  const wanted = 'a topic\'s name: 1 to 245 of the characters a-z A-Z 0-9 . _ -, not "." or ".."';
  return v.pipe(
    v.string(wanted),
    v.check(
      (value) => /^[a-zA-Z0-9._-]{1,245}$/.test(value) && value !== "." && value !== "..",
      wanted,
    ),
  );
}

/** What a group's name begins with: short enough that the consumer's own can follow. */
export function groupName() {
  const wanted = "the beginning of groups' names: 1 to 200 of the characters a-z A-Z 0-9 . _ -";
  return v.pipe(
    v.string(wanted),
    v.check((value) => /^[a-zA-Z0-9._-]{1,200}$/.test(value), wanted),
  );
}

/** A host's name or address, without a port. */
export function host() {
  const wanted = "a host name or an IP address, without port or scheme";
  return v.pipe(v.string(wanted), v.check(isHost, wanted));
}

/** `host:port` of one broker or several: a list, or text with commas. */
export function brokerList() {
  const wanted = 'brokers as "host:port", a list or separated by commas';
  return v.pipe(
    commaList(wanted),
    v.check((brokers) => brokers.length > 0 && brokers.every(isBroker), wanted),
  );
}

/** Hosts' names or addresses, without ports: a list, or text with commas; perhaps none. */
export function hostList() {
  const wanted = "host names without port or scheme, a list or separated by commas";
  return v.pipe(commaList(wanted), v.check((hosts) => hosts.every(isHost), wanted));
}

/** Addresses and networks: a list, or text with commas; perhaps none. */
export function networkList() {
  const wanted = 'IP addresses and networks as "10.0.0.0/8", a list or separated by commas';
  return v.pipe(commaList(wanted), v.check((networks) => networks.every(isNetwork), wanted));
}

/** Names of consumer groups: a list, or text with commas; perhaps none. */
export function groupList() {
  const wanted =
    "groups, each 1 to 249 of the characters a-z A-Z 0-9 . _ -, a list or separated by commas";
  return v.pipe(
    commaList(wanted),
    v.check((groups) => groups.every((group) => /^[a-zA-Z0-9._-]{1,249}$/.test(group)), wanted),
  );
}

/** A list, or text with commas, as a list without blanks and repeats. */
function commaList(wanted: string) {
  return v.pipe(
    v.union([v.string(), v.array(v.string(wanted))], wanted),
    v.transform((input) => {
      const entries = (typeof input === "string" ? [input] : input).flatMap((all) =>
        all.split(",")
      );
      return [...new Set(entries.map((entry) => entry.trim()).filter((entry) => entry !== ""))];
    }),
  );
}

function isBroker(address: string): boolean {
  const colon = address.lastIndexOf(":");
  const port = address.slice(colon + 1);
  if (colon < 1 || !/^[0-9]{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
    return false;
  }
  const name = address.slice(0, colon);
  return name.startsWith("[") && name.endsWith("]")
    ? isHost(name.slice(1, -1))
    : isHost(name) && !name.includes(":");
}

const isHost = (value: string): boolean =>
  /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})$/.test(value) ||
  value.includes(":") && /^[0-9A-Fa-f:.]{2,45}$/.test(value);

function isNetwork(value: string): boolean {
  const [address = "", bits, ...more] = value.split("/");
  const isV6 = address.includes(":");
  const isAddress = isV6
    ? URL.canParse(`http://[${address}]/`)
    : /^\d{1,3}(\.\d{1,3}){3}$/.test(address) && address.split(".").every((part) => +part < 256);
  const isPrefix = bits === undefined || /^\d{1,3}$/.test(bits) && +bits <= (isV6 ? 128 : 32);
  return isAddress && isPrefix && more.length === 0;
}
