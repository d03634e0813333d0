const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether `text` is a UUID of any version, in its usual form of 36 characters. */
export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** Whether `text` is a random UUID in lower case, the form in which visitors are given theirs. */
export function isVisitorId(text: string): boolean {
  return uuidV4.test(text);
}

/** A clock that was this far ahead is taken to have been wrong, and is not waited for. */
const toleratedBackstepMs = 10_000;
const counterMax = 0xfff;

/**
 * Makes UUIDs of version 7 (RFC 9562 §5.7) that grow: within a millisecond the 12 bits behind the
 * time count up (§6.2, method 1, seeded with 11 random bits), and a clock that steps back by less
 * than 10 seconds does not take the ids with it.
 *
 * @param nowMs Milliseconds since the epoch.
 * @param randomBytes Gives that many unpredictable bytes.
 */
export function createUuidV7(
  nowMs: () => number,
  randomBytes: (length: number) => Uint8Array,
): () => string {
  let timeMs = -1;
  let counter = 0;

  return () => {
    const now = nowMs();
    const bytes = randomBytes(10);
    const byte = (index: number): number => bytes[index] ?? 0;
    if (now > timeMs || now < timeMs - toleratedBackstepMs) {
      timeMs = now;
      counter = ((byte(0) & 0x07) << 8) | byte(1);
    } else if (counter < counterMax) {
      counter += 1;
    } else {
      timeMs += 1;
      counter = 0;
    }
    bytes[2] = 0x80 | (byte(2) & 0x3f);
    const time = hex(timeMs, 12);
    const random = bytes.toHex();
    const [variant, node] = [random.slice(4, 8), random.slice(8)];
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(counter, 3)}-${variant}-${node}`;
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
