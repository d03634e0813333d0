/** What visitors' cookies are signed with: the setting, or a file that the first start makes. */
import * as v from "valibot";
import { folderOf } from "../ports/file_path.ts";
import { makeSecretFile, ownFolder } from "../ports/own_file.ts";
import { keepsFilesIn } from "../ports/needed_permission.ts";
import { ConfigError } from "./config_error.ts";
import type { PermissionOfKey } from "./permissions.ts";
import { readText } from "./read_text.ts";
import { secret } from "./setting.ts";

/** As long as nobody guesses it. */
const form = /^[A-Za-z0-9._~+/=-]{32,500}$/;
const wanted =
  "text of 32 to 500 characters a-z A-Z 0-9 . _ ~ + / = - (`openssl rand -hex 32` makes one)";
const fileKey = "app.visitor_secret_file";
const maxFileBytes = 4096;

interface AppValues {
  readonly visitor_secret: string;
  readonly visitor_secret_file: string;
}

/** The setting; absent is `""`. */
export function visitorSecret() {
  return v.pipe(secret(), v.check((text) => text === "" || form.test(text), wanted));
}

/** What a shop must be allowed for the file; nothing where the setting has the secret itself. */
export function visitorSecretPermissions(app: AppValues): readonly PermissionOfKey[] {
  if (app.visitor_secret !== "") return [];
  return keepsFilesIn("", folderOf(app.visitor_secret_file)).map(({ key: _, ...permission }) => {
    return { ...permission, path: fileKey };
  });
}

/**
 * The setting, else what the file holds, which is made where it is missing.
 *
 * @param file The configuration, as it is named in errors.
 * @throws {ConfigError} Where the file holds something else, cannot be read, or cannot be made.
 */
export async function effectiveVisitorSecret(file: string, app: AppValues): Promise<string> {
  const { visitor_secret: given, visitor_secret_file: named } = app;
  if (given !== "") return given;
  const fault = (is: string, wanted: string) =>
    new ConfigError([{ file, path: fileKey, is: `"${named}" ${is}`, wanted }]);
  let read = await readText(named, maxFileBytes);
  if (!("text" in read) && read.missing) {
    const fresh = crypto.getRandomValues(new Uint8Array(32)).toHex();
    try {
      await Deno.mkdir(folderOf(named), ownFolder);
      await makeSecretFile(named, `${fresh}\n`);
    } catch (error) {
      const name = error instanceof Error ? error.name : "an unknown error";
      throw fault(`cannot be made (${name})`, 'a folder that can be written, or "visitor_secret"');
    }
    // What another process has made meanwhile is as good, and must be the same for both.
    read = await readText(named, maxFileBytes);
  }
  if (!("text" in read)) throw fault(read.is, read.wanted);
  const found = read.text.trim();
  if (form.test(found)) return found;
  throw fault("holds something else (not shown)", `a file with ${wanted}, or none: it is made`);
}
