/** Reads the files of certificates that the chosen adapters' keys name. */
import type { CertificateFile, Setting } from "../ports/setting.ts";
import { keyPath } from "./adapter_values.ts";
import type { ChosenAdapter } from "./chosen_adapter.ts";
import type { ConfigFault } from "./config_error.ts";
import { describeValue } from "./describe_value.ts";
import { readText } from "./read_text.ts";
import type { Settings } from "./settings_tree.ts";

const maxBytes = 1024 * 1024;

/** What the files hold, by the path of their key; or what is wrong with one. */
export async function readCertificates(
  file: string,
  settings: Settings,
  { group, name, declaration, values }: ChosenAdapter,
): Promise<
  { readonly read: ReadonlyMap<string, CertificateFile>; readonly faults: ConfigFault[] }
> {
  const read = new Map<string, CertificateFile>();
  const faults: ConfigFault[] = [];
  const keys: Readonly<Record<string, Setting>> = { ...declaration.beside, ...declaration.section };
  for (const [key, { form }] of Object.entries(keys)) {
    const named: unknown = Reflect.get(Object(values[key]), "path");
    if (form.kind !== "certificates" || typeof named !== "string" || named === "") continue;
    const path = keyPath(group, name, declaration, key);
    const kind = kinds[form.holds];
    const found = await readOne(file, settings, path, named, kind);
    if (typeof found === "string") read.set(path, watchedFile(named, found, kind.form));
    else faults.push(found);
  }
  return { read, faults };
}

async function readOne(
  file: string,
  { values, origins }: Settings,
  path: string,
  named: string,
  { form, what, wanted }: typeof kinds[keyof typeof kinds],
): Promise<string | ConfigFault> {
  const given = describeValue(undefined, values.get(path), origins.get(path));
  const read = await readText(named, maxBytes);
  if (!("text" in read)) {
    // A flag that names the file would show what the environment holds.
    const wanted = origins.has(path) ? "a file that can be read" : read.wanted;
    return { file, path, is: `${given}, which ${read.is}`, wanted };
  }
  if (form.test(read.text)) return read.text;
  return { file, path, is: `${given}, which holds no ${what}`, wanted };
}

/** What files may hold. */
const kinds = {
  certificates: {
    form: /-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]+-----END/,
    what: "certificate",
    wanted: "a PEM file with one certificate or several",
  },
  "a public key": {
    form: /^-----BEGIN (RSA )?PUBLIC KEY-----[^-]+-----END/m,
    what: "public key",
    wanted: "a PEM file with the server's public key",
  },
} as const;

/**
 * Authorities and keys are replaced while the process runs: the file is read again when it is
 * another one than before. What holds none, as while it is being written, changes nothing.
 */
function watchedFile(path: string, found: string, form: RegExp): CertificateFile {
  let pem = found;
  let seen = stampOf(path);
  return {
    path,
    get pem() {
      const stamp = stampOf(path);
      if (stamp === undefined || stamp === seen) return pem;
      try {
        const text = Deno.readTextFileSync(path);
        if (!form.test(text)) return pem;
        pem = text;
        seen = stamp;
      } catch {
        // Away, or being replaced: the next connection looks again.
      }
      return pem;
    },
  };
}

/** What changes with the file; undefined where it is away. */
function stampOf(path: string): string | undefined {
  try {
    const { mtime, size, ino } = Deno.statSync(path);
    return `${mtime?.getTime()} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
