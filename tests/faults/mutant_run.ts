/** Tests over a copy of the project, so that the code can be changed. */
import { root } from "../architecture/project_files.ts";
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const copied = ["deno.json", "deno.lock", "config.yml", "src", "adapters", "tests"];
/** A mutant that makes a test hang was not noticed by it. */
const deadlineMs = 60_000;

export interface ProjectCopy extends AsyncDisposable {
  /** Whether the test passes; throws where it does not run to its end. */
  passes(killer: Killer): Promise<boolean>;
  /** Changes the file at `path` of the copy; the returned function takes it back. */
  apply(path: string, mutant: Mutant): Promise<() => Promise<void>>;
}

export async function copyProject(): Promise<ProjectCopy> {
  const folder = await Deno.makeTempDir({ prefix: "mutants_" });
  const sources = copied.map((name) => new URL(name, root).pathname);
  await new Deno.Command("cp", { args: ["-r", ...sources, folder] }).output();
  await Deno.symlink(new URL("node_modules", root).pathname, `${folder}/node_modules`);
  // With the real `@std/testing/bdd` cases are steps of one test, which no filter finds: then the
  // whole file runs.
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const isFlat = imports["@std/testing/bdd"] === "./tests/bdd.ts";

  return {
    async passes({ file, test }) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), deadlineMs);
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "test",
          "--no-check",
          "--no-prompt",
          "--cached-only",
          "--frozen",
          "--allow-all",
          ...(isFlat ? [`--filter=${test}`] : []),
          file,
        ],
        cwd: folder,
        env: { NO_COLOR: "1", SHELFCAST_FAULTS: "short" },
        signal: abort.signal,
      }).output();
      clearTimeout(timer);
      const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      const result = resultOf(test, output);
      if (result === undefined) {
        throw new Error(`Test "${test}" of ${file} did not run:\n${output}`);
      }
      return result === "ok";
    },
    async apply(path, mutant) {
      const copy = `${folder}/${path}`;
      const text = await Deno.readTextFile(copy);
      await Deno.writeTextFile(copy, mutated(text, mutant));
      return () => Deno.writeTextFile(copy, text);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/**
 * What Deno's output says of the case `test`: a test `describe › test`, or a step `test`. An error
 * that nobody catches ends the file and cancels the test, which for a step is said only by the line
 * behind it.
 */
export function resultOf(test: string, output: string): "ok" | "FAILED" | "cancelled" | undefined {
  const start = `^(?:.* › | *)${RegExp.escape(test)} \\.\\.\\.`;
  const found = new RegExp(`${start} (ok|FAILED|cancelled)\\b`, "m").exec(output);
  if (found !== null) return found[1] as ReturnType<typeof resultOf>;
  const isCut = new RegExp(`${start}$[^]*^Uncaught error from `, "m").test(output);
  return isCut ? "cancelled" : undefined;
}

/** @throws Where the text to replace is gone, or is no longer the only one of its kind. */
export function mutated(text: string, { name, file, from, to }: Mutant): string {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(
      `Mutant "${name}" needs its text once in ${file}, found ${parts.length - 1} times: ${from}`,
    );
  }
  return parts.join(to);
}
