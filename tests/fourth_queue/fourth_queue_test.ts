/**
 * A fourth queue is a factory, a registry row, a config section and a harness: a remote toy queue
 * is added to a copy of the tree by these four steps, and all else follows. Nothing else of the
 * copy is changed.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { root } from "../architecture/project_files.ts";
import { isFull } from "../faults/campaign.ts";
import { type Finished, finished } from "../finished_process.ts";

const copied = ["deno.json", "deno.lock", "README.md", "config.yml", "src", "adapters", "tests"];

interface Tree extends AsyncDisposable {
  read(path: string): Promise<string>;
  /** Changes one place of a file; it must be there. */
  edit(path: string, from: string, to: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  deno(...args: readonly string[]): Promise<Finished>;
}

async function copyTree(): Promise<Tree> {
  const folder = await Deno.makeTempDir({ prefix: "fourth_queue_" });
  const sources = copied.map((name) => new URL(name, root).pathname);
  await new Deno.Command("cp", { args: ["-r", ...sources, folder] }).output();
  await Deno.symlink(new URL("node_modules", root).pathname, `${folder}/node_modules`);
  const read = (path: string) => Deno.readTextFile(`${folder}/${path}`);
  return {
    read,
    async edit(path, from, to) {
      const text = await read(path);
      assert.ok(text.includes(from), `${path} has no ${JSON.stringify(from)}`);
      await Deno.writeTextFile(`${folder}/${path}`, text.replace(from, () => to));
    },
    async copy(from, to) {
      await Deno.mkdir(`${folder}/${to.slice(0, to.lastIndexOf("/"))}`, { recursive: true });
      await Deno.copyFile(`${folder}/${from}`, `${folder}/${to}`);
    },
    deno: (...args) =>
      finished(
        new Deno.Command(Deno.execPath(), {
          args: [...args],
          cwd: folder,
          env: { NO_COLOR: "1" },
          stdin: "null",
          stdout: "piped",
          stderr: "piped",
        }).spawn(),
        { deadlineMs: 300_000 },
      ),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** A folder with the factory and what it declares. */
async function addFactory(tree: Tree): Promise<void> {
  for (const file of ["toy_log.ts", "declaration.ts"]) {
    await tree.copy(`tests/fourth_queue/toy/${file}`, `adapters/queue/toy/${file}`);
  }
  // An adapter has its own code: no other adapter is imported.
  await tree.copy("adapters/queue/memory/memory_log.ts", "adapters/queue/toy/toy_records.ts");
  const borrowed = '"../../../adapters/queue/memory/memory_log.ts"';
  await tree.edit("adapters/queue/toy/toy_log.ts", borrowed, '"./toy_records.ts"');
}

async function addRow(tree: Tree): Promise<void> {
  const registry = "adapters/queue/registry.ts";
  const last = 'import { memoryQueue } from "./memory/declaration.ts";\n';
  await tree.edit(registry, last, `${last}import { toyQueue } from "./toy/declaration.ts";\n`);
  await tree.edit(registry, "  kafka: kafkaQueue,\n", "  kafka: kafkaQueue,\n  toy: toyQueue,\n");
}

async function addSection(tree: Tree): Promise<void> {
  const section = `  toy:
    servers: "\${MQ_TOY_SERVERS:-localhost:7007}" # host:port of the toy server
    window_bytes: 1048576 # bytes on the way to it, 1024 to 1073741824
    buffer: file # file | none: as for kafka
`;
  await tree.edit("config.yml", "\nconsumers:", `${section}\nconsumers:`);
}

async function addHarness(tree: Tree): Promise<void> {
  const suite = "tests/contracts/event_log_test.ts";
  const last = 'import { memoryHarness } from "./harnesses/memory.ts";\n';
  const own = 'import { toyHarness } from "../fourth_queue/toy_harness.ts";\n';
  await tree.edit(suite, last, `${last}${own}`);
  await tree.edit(suite, "  file: fileHarness,\n", "  file: fileHarness,\n  toy: toyHarness,\n");
}

function succeeds({ code, stdout, stderr }: Finished): void {
  assert.equal(code, 0, `${stdout}${stderr}`);
}

const inProgram = ["src/main.ts", "src/cli.ts", "tests/contracts/event_log_test.ts"];

describe("a fourth queue", () => {
  it("is a factory, a registry row, a config section and a harness", async () => {
    await using tree = await copyTree();
    await addFactory(tree);
    await addRow(tree);
    await addSection(tree);
    if (isFull) {
      const { code, stderr } = await tree.deno("check", ...inProgram);
      assert.equal(code, 1);
      assert.match(stderr, /'toy' is missing in type/);
    }
    await addHarness(tree);

    const suites = [
      "tests/fourth_queue/toy_shop.ts",
      "tests/contracts/event_log_test.ts",
      "tests/config/config_yml_test.ts",
    ];
    const filter = "--filter=/toy|config\\.yml/";
    const [run, ...others] = await Promise.all([
      tree.deno("test", "-A", "--no-check", "--parallel", filter, ...suites),
      tree.deno("check", ...inProgram),
      tree.deno("lint", "adapters/queue/toy", "adapters/queue/registry.ts"),
      tree.deno("run", "-A", "--no-check", "tests/readme/write_readme.ts"),
    ]);
    for (const result of [run, ...others]) succeeds(result);
    assert.match(await tree.read("README.md"), /^\| `toy` \| process memory \|/m);
    // Names are parted by "›", or by "..." where cases are steps, as in the real standard library.
    assert.match(run.stdout, /toy (?:›|\.\.\.) .* \.\.\. ok/);
    assert.match(run.stdout, /the toy queue (?:›|\.\.\.) keeps events .* \.\.\. ok/);
  });
});
