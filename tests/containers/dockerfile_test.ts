/** The Dockerfile says what the code and the task `start` need. */
import assert from "node:assert/strict";
import { unquoted } from "../e2e/service_process.ts";
import { describe, it } from "@std/testing/bdd";
import { openApp } from "../http/open_app.ts";
import { load } from "../config/load_text.ts";
import { execForm, lastStage, parseDockerfile } from "./dockerfile.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => Deno.readTextFileSync(new URL(path, root));

const instructions = parseDockerfile(read("Dockerfile"));
const image = lastStage(instructions);
const only = (name: string) => {
  const found = image.filter((instruction) => instruction.name === name);
  assert.equal(found.length, 1, `one ${name} in the image`);
  return found[0];
};

describe("Dockerfile", () => {
  it("has two stages, both on the Deno that .ci/run proves, by one digest", () => {
    const bases = instructions.filter(({ name }) => name === "FROM").map(({ text }) =>
      text.split(" ")[0]
    );
    const version = /^deno_version=(\S+)$/m.exec(read(".ci/run"))?.[1];
    assert.equal(bases.length, 2);
    assert.equal(bases[0], bases[1]);
    const [name, digest] = bases[0]?.split("@") ?? [];
    assert.equal(name, `denoland/deno:${version}`);
    assert.match(digest ?? "", /^sha256:[0-9a-f]{64}$/);
  });

  it("copies what exists and what .dockerignore lets through", () => {
    const kept = read(".dockerignore").split("\n").flatMap((line) =>
      /^!(.+)$/.exec(line)?.[1] ?? []
    );
    const copied = instructions
      .filter(({ name, text, document }) =>
        name === "COPY" && document === undefined && !text.startsWith("--from")
      )
      .flatMap(({ text }) => text.split(/\s+/).slice(0, -1));
    for (const path of new Set([...kept, ...copied])) {
      assert.ok(Deno.statSync(new URL(path, root)), path);
    }
    for (const path of copied) assert.ok(path === "." || kept.includes(path), `${path} is ignored`);
  });

  it("runs the service as `deno task start` does: same file, same permissions", () => {
    const task: string = JSON.parse(read("deno.json")).tasks.start.command;
    const command = execForm(only("ENTRYPOINT"));
    // Compiled code is kept where the image cannot write.
    const words = unquoted(task).filter((word) => !word.startsWith("--v8-flags="));
    assert.deepEqual(command.filter((word) => word !== "--cached-only"), words);
    assert.ok(Deno.statSync(new URL(command.at(-1) ?? "", root)).isFile);
  });

  it("runs it as somebody other than root, who owns the only folder that it may write to", () => {
    const user = /^(\d+):(\d+)$/.exec(only("USER")?.text ?? "");
    assert.ok(user && user[1] !== "0", "wanted USER uid:gid");
    const folder = execForm(only("ENTRYPOINT")).flatMap((flag) =>
      /^--allow-write=(.+)$/.exec(flag)?.[1] ?? []
    );
    const made = image.find(({ name, text }) =>
      name === "RUN" && text === `install -d -o ${user[1]} -g ${user[2]} ${folder}`
    );
    assert.ok(made, `${folder} is made for ${user[0]}`);
    assert.equal(only("VOLUME")?.text, `${only("WORKDIR")?.text}/${folder}`);
  });

  it("has a configuration without faults that listens on the exposed port of every address and writes to the volume", async () => {
    const written = image.find(({ document }) => document !== undefined);
    assert.match(written?.text ?? "", / config\.yml$/);
    const { app, db, mq } = await load(written?.document ?? "");
    assert.deepEqual([app.host, `${app.port}`], ["0.0.0.0", only("EXPOSE")?.text]);
    assert.deepEqual([db.driver, mq.adapter], ["sqlite", "file"]);
    for (const path of [db.sqlite.file, mq.file.directory]) assert.match(path, /^data\//);
  });
});

describe("the image's health check", () => {
  const [program, ...words] = execForm(only("HEALTHCHECK"));
  const port = only("EXPOSE")?.text ?? "";
  const url = /http:\/\/127\.0\.0\.1:(\d+)(\/\w+)/.exec(words.at(-1) ?? "");

  it("asks the exposed port for a route that exists", async () => {
    assert.equal(url?.[1], port);
    assert.equal((await openApp().app.request(url?.[2] ?? "")).status, 200);
  });

  it("may ask that address and nothing else", () => {
    const allowed = words.filter((word) => word.startsWith("--allow"));
    assert.deepEqual(allowed, [`--allow-net=127.0.0.1:${port}`]);
    assert.equal(words[0], "run");
  });

  for (const [status, code] of [[200, 0], [503, 1]] as const) {
    it(`ends with ${code} for an answer of ${status}`, async () => {
      assert.equal(program, "deno");
      const paths: string[] = [];
      const answer = (request: Request) => {
        paths.push(new URL(request.url).pathname);
        return new Response(null, { status });
      };
      await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
      const args = words.map((word) => word.replace(`:${port}`, `:${server.addr.port}`));
      const outcome = await new Deno.Command(Deno.execPath(), {
        args,
        // As in a container whose root cannot be written.
        env: { DENO_DIR: "/proc/none" },
        stdout: "null",
        stderr: "null",
      }).output();
      assert.equal(outcome.code, code);
      assert.deepEqual(paths, [url?.[2]]);
    });
  }
});
