/** UUIDs: what is one, its bytes, and new ones of version 7, which grow. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether `text` is a UUID of any version, in its usual form of 36 characters. */
export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** The 16 bytes of a UUID of any version, in either case; undefined where it is none. */
export function uuidBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length !== 36) return undefined;
  const bytes = new Uint8Array(16);
  for (let at = 0, n = 0; at < 36; at += 2) {
    // Digits stand in pairs, but for the dashes before the 9th, 13th, 17th and 21st.
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (text.charCodeAt(at) !== dash) return undefined;
      at++;
    }
    const byte = digitOf(text.charCodeAt(at)) * 16 + digitOf(text.charCodeAt(at + 1));
    if (Number.isNaN(byte)) return undefined;
    bytes[n++] = byte;
  }
  return bytes;
}

const dash = 0x2d;

function digitOf(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN;
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
 * @param randomUuid Gives UUIDs of version 4, whose variant and random digits are taken: platforms
 *   make them for less than it takes to write bytes as text.
 */
export function createUuidV7(nowMs: () => number, randomUuid: () => string): () => string {
  let timeMs = -1;
  let counter = 0;
  /** Many ids are made in one millisecond. */
  let [headMs, head] = [-1, ""];

  return () => {
    const now = nowMs();
    const random = randomUuid();
    if (now > timeMs || now < timeMs - toleratedBackstepMs) {
      timeMs = now;
      counter = Number.parseInt(random.slice(0, 3), 16) & 0x7ff;
    } else if (counter < counterMax) {
      counter += 1;
    } else {
      timeMs += 1;
      counter = 0;
    }
    if (headMs !== timeMs) [headMs, head] = [timeMs, headOf(timeMs)];
    return head + (0x7000 | counter).toString(16) + random.slice(variantAt);
  };
}

/** In a UUID, of the "-" before the variant. */
const variantAt = 18;

function headOf(timeMs: number): string {
  const hex = timeMs.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-`;
}
