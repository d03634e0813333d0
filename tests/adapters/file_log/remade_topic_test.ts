/** A topic of the file log that is removed and made anew under a group. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { inOnePartition, publishAll, rejectsWith, series } from "../../contracts/law.ts";
import { openReader } from "../../contracts/reader.ts";

const topic = "events";
const group = "trends";

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "remade_topic_" });
  try {
    await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Removes the topic, and makes one of its name that is longer than a group had read. */
async function makeAnew(directory: string): Promise<void> {
  await Deno.remove(`${directory}/${topic}`, { recursive: true });
  await using other = await openFileLog({ directory });
  await publishAll(other, topic, series("new", 6).map(inOnePartition));
}

describe("a topic of the file log that is made anew", () => {
  it("G14 under a group that nobody reads for, is read from its start", () =>
    withDirectory(async (directory) => {
      await using log = await openFileLog({ directory });
      await publishAll(log, topic, series("old", 5).map(inOnePartition));
      const before = openReader(log, topic, { group, from: "earliest", maxRecords: 3 });
      await before.takes(series("old", 3), (batch) => batch.commit());
      await before.leave();
      await makeAnew(directory);
      await rejectsWith("unknown_group", log.groups.describe(group));
      const reader = openReader(log, topic, { group, from: "earliest" });
      await reader.takes(series("new", 6), (batch) => batch.commit());
      await reader.leave();
      const { positions } = await log.groups.describe(group);
      assert.deepEqual([positions[0]?.position, positions[0]?.lag], [6n, 0n]);
    }));

  it("G14 under a member that reads, ends it, and what it commits counts for nothing", () =>
    withDirectory(async (directory) => {
      await using log = await openFileLog({ directory });
      await publishAll(log, topic, series("old", 5).map(inOnePartition));
      const member = openReader(log, topic, { group, from: "earliest", maxRecords: 5 });
      const batch = await member.next();
      await makeAnew(directory);
      await rejectsWith("unknown_topic", member.next());
      await assert.rejects(
        batch!.commit(),
        (error) => error instanceof QueueError && error.code === "revoked",
      );
      const next = openReader(log, topic, { group, from: "earliest" });
      await next.takes(series("new", 6), (batch) => batch.commit());
      await next.leave();
    }));
});
