import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import { projectFiles, root } from "../../architecture/project_files.ts";

const folder = "adapters/queue/file_log";
/** What the kernel answers from memory. */
const harmless = new Set(["seekSync", "statSync", "tryLockSync", "unlockSync"]);

describe("file log on the machine's disk", () => {
  it("nothing that may wait for the device is synchronous", async () => {
    const files = projectFiles([folder]).filter((file) => /(?<!_test)\.ts$/.test(file));
    assert.ok(files.includes(`${folder}/disk/deno_disk.ts`));
    for (const file of files) {
      const source = await Deno.readTextFile(new URL(file, root));
      const calls = source.matchAll(/\b\w+Sync\b/g).map(([call]) => call);
      assert.deepEqual([...calls.filter((call) => !harmless.has(call))], [], file);
    }
  });

  it("a record is accepted, and a commit settles, only after the file was synced", async () => {
    const directory = await Deno.makeTempDir({ prefix: "file_log_" });
    const { syncData } = Deno.FsFile.prototype;
    let syncs = 0;
    Deno.FsFile.prototype.syncData = async function (this: Deno.FsFile) {
      await syncData.call(this);
      syncs++;
    };
    try {
      await using log = await openFileLog({ directory });
      for (let n = 0; n < 3; n++) {
        const before = syncs;
        await log.publish("events", { value: null });
        assert.ok(syncs > before, `record ${n}`);
      }
      const options = { group: "g", from: "earliest", until: "end", maxRecords: 1 } as const;
      for await (const batch of log.subscribe("events", options)) {
        const before = syncs;
        await batch.commit();
        assert.ok(syncs > before, `commit through ${batch.records[0]?.offset}`);
      }
    } finally {
      Deno.FsFile.prototype.syncData = syncData;
      await Deno.remove(directory, { recursive: true });
    }
  });
});
