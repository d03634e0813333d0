/**
 * `deno task test:std PATH`: type checking and all tests on the real standard library, whose
 * checkout is at PATH, instead of what `deno.json` maps it to. They run on a copy of the project,
 * so that also what they start (the shop, the commands, the mutants' copies) runs on it.
 */
import { join, resolve } from "node:path";
import { root } from "../architecture/project_files.ts";
import { copyStd, type Imports } from "./std_checkout.ts";

const notCopied = [".git", "node_modules", "data", "coverage"];

/** A copy of the project in `folder` whose `deno.json` maps the standard library to `imports`. */
async function copyProject(folder: string, imports: Imports): Promise<void> {
  await Deno.mkdir(folder);
  const sources = [...Deno.readDirSync(root)].filter(({ name }) => !notCopied.includes(name));
  await run(root.pathname, "cp", ["-r", ...sources.map(({ name }) => name), folder]);
  const file = join(folder, "deno.json");
  const config = JSON.parse(await Deno.readTextFile(file));
  Object.assign(config.imports, imports);
  // The library's own sources do without it; the project's were checked with it by `deno task
  // check`.
  delete config.compilerOptions.noImplicitReturns;
  await Deno.writeTextFile(file, JSON.stringify(config, null, 2));
}

/** Ends the process with the command's exit code where that is not 0. */
async function run(cwd: string, command: string, args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command(command, { args: [...args], cwd }).spawn().status;
  if (code === 0) return;
  console.error(`${command} ${args[0]} ended with code ${code}`);
  Deno.exitCode = code;
  throw new Stop();
}

/** Thrown where a step has failed and has said so itself. */
class Stop extends Error {}

async function testWith(checkout: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "test_std_" });
  try {
    const project = join(folder, "project");
    await copyProject(project, await copyStd(checkout, join(folder, "std")));
    // What the lock has no more is taken out of the copy's.
    await run(project, Deno.execPath(), ["install", "--quiet"]);
    await run(project, Deno.execPath(), ["check", "--quiet", "src", "adapters", "tests"]);
    await run(project, Deno.execPath(), ["task", "test"]);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const [path] = Deno.args;
if (path === undefined) {
  console.error("usage: deno task test:std PATH, a checkout of github.com/denoland/std");
  Deno.exit(2);
}
await testWith(resolve(Deno.env.get("INIT_CWD") ?? ".", path));
