/**
 * White space, control characters, marks without a letter, what Unicode says shows nothing, and the
 * blank of Braille.
 */
const invisible = /[\p{White_Space}\p{Cc}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Whether a reader would see nothing of the text: zero-width characters and fillers are as blank as
 * spaces.
 */
export function isBlank(text: string): boolean {
  return text.replaceAll(invisible, "") === "";
}
