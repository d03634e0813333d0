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
