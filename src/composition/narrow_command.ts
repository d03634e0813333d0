/** The command line that lets a shop of a configuration do what it must, and no more. */
import type { Config } from "../config/schema.ts";
import { chosenAdapters, neededPermissions, processParts } from "./configuration.ts";

/**
 * For a shell in the project's folder. A Kafka client may connect to any host, because brokers say
 * which.
 *
 * @param file The configuration.
 */
export function narrowCommand(config: Config, file: string): string {
  const needed = neededPermissions(config, processParts).map(({ descriptor, flag }) => {
    return { descriptor, flag };
  });
  const hosts = needed.flatMap(({ descriptor: d }) => d.name === "net" && d.host ? [d.host] : []);
  const paths = (name: "read" | "write") =>
    needed.flatMap(({ descriptor: d }) => d.name === name && d.path ? [String(d.path)] : []);
  const isAnyHost = needed.some(({ flag }) => flag === "--allow-net");
  const named = [file, config.app.operator_token_file, ...certificateFiles(config)];
  // "." has the sources, SQL and the starter shelf, packages, and .env.
  const read = [".", ...paths("read"), ...named];
  return [
    "deno run --v8-flags=--no-lazy --no-prompt --deny-run --deny-ffi",
    isAnyHost ? "--allow-net" : listed("net", hosts),
    listed("env", [...config.variables, "INIT_CWD"]),
    // Libraries ask for variables of their own, and do without.
    "--ignore-env",
    listed("read", read),
    ...paths("write").length === 0 ? [] : [listed("write", paths("write"))],
    "--allow-sys=statfs,uid,gid",
    `src/main.ts --config ${quoted(file)}`,
  ].join(" ");
}

function listed(name: string, values: readonly string[]): string {
  // Two commas are one in a name.
  const all = [...new Set(values)].filter((value) => value !== "");
  return quoted(`--allow-${name}=${all.map((value) => value.replaceAll(",", ",,")).join(",")}`);
}

/** For a shell, where that is needed. */
const quoted = (text: string): string =>
  /^[\w./:@%+=,[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function certificateFiles(config: Config): readonly string[] {
  return chosenAdapters(config, processParts).flatMap(({ declaration, values }) =>
    Object.entries({ ...declaration.beside, ...declaration.section }).flatMap(([key, { form }]) => {
      const path: unknown = Reflect.get(Object(values[key]), "path");
      return form.kind === "certificates" && typeof path === "string" ? [path] : [];
    })
  );
}
