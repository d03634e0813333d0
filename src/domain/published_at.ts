const yearText = /^-?[1-9]\d{0,3}$/;
const dateText = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * The text form of a year or a date of publication, or undefined where `value` is neither. A year
 * is -9999 to 9999, negative before the common era; there is no year 0, because books count as
 * historians do: 1 BCE is -1. A date is a real day of the Gregorian calendar, `YYYY-MM-DD`.
 */
export function parsePublishedAt(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") return undefined;
  return yearText.test(text) || isRealDate(text) ? text : undefined;
}

function isRealDate(text: string): boolean {
  const [, year, month, day] = (dateText.exec(text) ?? []).map(Number);
  if (!year || !month || !day) return false;
  const date = new Date(0);
  // Not Date.UTC(): it takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
