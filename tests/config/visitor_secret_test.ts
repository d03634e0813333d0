/** Where the secret comes from that visitors' cookies are signed with. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { effectiveVisitorSecret } from "../../src/config/visitor_secret.ts";
import { load } from "./load_text.ts";

const given = "a-secret-of-thirty-two-characters";

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const secretIn = async (text: string): Promise<string> =>
  await effectiveVisitorSecret("config.yml", (await load(text)).app);

describe("the visitors' secret", () => {
  it("is made once, for this user only, and is then the same for all", async () => {
    await withFolder(async (folder) => {
      const text = `app: { visitor_secret_file: ${folder}/new/secret }`;
      const all = await Promise.all(Array.from({ length: 8 }, () => secretIn(text)));
      assert.equal(new Set(all).size, 1, "processes that start at once");
      assert.match(all[0] ?? "", /^[0-9a-f]{64}$/);
      assert.equal(await secretIn(text), all[0]);
      const modes = [`${folder}/new`, `${folder}/new/secret`].map((path) =>
        (Deno.statSync(path).mode ?? 0) & 0o777
      );
      assert.deepEqual(modes, [0o700, 0o600]);
      const names = [...Deno.readDirSync(`${folder}/new`)].map(({ name }) => name);
      assert.deepEqual(names, ["secret"]);
    });
  });

  it("of the setting beats the file, which is not made", async () => {
    await withFolder(async (folder) => {
      const text = `app: { visitor_secret: ${given}, visitor_secret_file: ${folder}/secret }`;
      assert.equal(await secretIn(text), given);
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    });
  });

  it("that is none is a fault that does not show it", async () => {
    await assert.rejects(
      load("app: { visitor_secret: short }"),
      /app\.visitor_secret .*wanted text of 32 to 500/,
    );
    await withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/secret`, "hunter2");
      await assert.rejects(
        secretIn(`app: { visitor_secret_file: ${folder}/secret }`),
        (error: Error) =>
          /visitor_secret_file .*\(not shown\).*wanted a file with text/s.test(error.message) &&
          !error.message.includes("hunter2"),
      );
      await assert.rejects(
        secretIn(`app: { visitor_secret_file: ${folder}/secret/in }`),
        /visitor_secret_file .*cannot be made \(.*wanted a folder that can be written/s,
      );
    });
  });
});
