/** The operator's token: its form, and where it comes from. */
import * as v from "valibot";
import type { ConfigFault } from "./config_error.ts";
import { describeValue } from "./describe_value.ts";
import { readText } from "./read_text.ts";
import { secret } from "./setting.ts";
import type { Settings } from "./settings_tree.ts";

/** What a Bearer token may be (RFC 6750 §2.1), and so long that nobody guesses it. */
const form = /^[A-Za-z0-9._~+/-]{24,500}={0,2}$/;
const wanted =
  "a token of 24 to 500 characters a-z A-Z 0-9 . _ ~ + / - (`openssl rand -hex 32` makes one)";
const fileKey = "app.operator_token_file";
const maxFileBytes = 4096;

/** The setting; absent is `""`. */
export function operatorToken() {
  return v.pipe(secret(), v.check((token) => token === "" || form.test(token), wanted));
}

/** The token of the setting, or that of the file which another names; `""` without either. */
export async function effectiveToken(
  file: string,
  { values, origins }: Pick<Settings, "values" | "origins">,
  app: { readonly operator_token: string; readonly operator_token_file: string },
): Promise<string | ConfigFault> {
  const { operator_token: token, operator_token_file: named } = app;
  if (named === "") return token;
  const given = describeValue(undefined, values.get(fileKey), origins.get(fileKey));
  if (token !== "") {
    const wanted = 'one of "app.operator_token" and "app.operator_token_file"';
    return { file, path: fileKey, is: `${given}, and there is a token beside it`, wanted };
  }
  const read = await readText(named, maxFileBytes);
  if (!("text" in read)) {
    // A flag that names the file would show what the environment holds.
    const wanted = origins.has(fileKey) ? "a file that can be read" : read.wanted;
    return { file, path: fileKey, is: `${given}, which ${read.is}`, wanted };
  }
  const found = read.text.trim();
  if (form.test(found)) return found;
  const is = `${given}, which holds something else (not shown)`;
  return { file, path: fileKey, is, wanted: `a file with ${wanted}` };
}
