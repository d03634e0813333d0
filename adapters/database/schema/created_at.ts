/** `YYYY-MM-DD HH:MM:SS`, UTC, of a time in milliseconds since the epoch. */
export function createdAt(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 19).replace("T", " ");
}
