/** Tests over a copy of the project, so that the code can be changed. */
import { root } from "../architecture/project_files.ts";
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const copied = ["deno.json", "deno.lock", "src", "adapters", "tests"];
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

  return {
    async passes({ file, test }) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), deadlineMs);
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "test",
          "--no-check",
          "--no-prompt",
          "--cached-only",
          "--frozen",
          "--allow-all",
          `--filter=${test}`,
          file,
        ],
        cwd: folder,
        env: { NO_COLOR: "1", SHELFCAST_FAULTS: "short" },
        signal: abort.signal,
      }).output();
      clearTimeout(timer);
      const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      // An error that nobody catches ends the file, and the test with it.
      const failed = output.includes(`› ${test} => `) ||
        output.includes(`› ${test} ... cancelled`);
      const passed = success && /\| 1 passed/.test(output);
      if (passed === failed) throw new Error(`Test "${test}" of ${file} did not run:\n${output}`);
      return passed;
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
