import { once } from "./once.ts";

/**
 * White space, control characters, marks without a letter, what Unicode says shows nothing, and the
 * blank of Braille.
 */
const invisible = once(() =>
  /[\p{White_Space}\p{Cc}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu
);
/** With these there is something to see, whatever stands beside them. */
const visible = /[!-~]/;

/**
 * Whether a reader would see nothing of the text: zero-width characters and fillers are as blank as
 * spaces.
 */
export function isBlank(text: string): boolean {
  return !visible.test(text) && text.replaceAll(invisible(), "") === "";
}
