/** Laws on processes, which are real ones. */
import assert from "node:assert/strict";
import { assertRecords } from "../assert_records.ts";
import { inOnePartition, type Law, publishAll, series, text, valuesOf, within } from "../law.ts";
import { startLogProcess } from "../log_process.ts";
import { openReader, readToEnd } from "../reader.ts";

/** S5, S8: other processes at the same log, and processes that are killed. They are real ones. */
export const processLaws: readonly Law[] = [
  {
    id: "S5",
    name: "killed while it publishes and commits: what it was told is there, nothing is invented",
    outside: (g) => g.survivesRestart ? undefined : "records do not survive the process",
    async run({ open, place }) {
      const [topic, group] = [place.topic("killed"), place.group("killed")];
      await using process = startLogProcess(place, { topic, group });
      await process.has({ accepted: 60, committed: 3 });
      const { accepted, committed, handedOut } = await process.kill();
      const log = await open();
      await publishAll(log, topic, [inOnePartition("after")]);
      const member = openReader(log, topic, { group, from: "earliest", maxRecords: 1 });
      const first = await member.next();
      const position = first?.records[0]?.offset ?? -1n;
      const read = await readToEnd(log, topic);
      const values = valuesOf(read).filter((value) => value !== "after");
      // What was under way may stand; what was accepted must.
      assertRecords(values, series("v", Math.max(accepted.length, values.length)));
      for (const [n, { value, offset }] of accepted.entries()) {
        const found = read.find((record) => record.offset === offset);
        const is = text(found?.value ?? null);
        assert.equal(is, value, `record ${n} was accepted as "${value}" at offset ${offset}`);
      }
      const told = `the next member began at ${position}`;
      assert.ok(position >= committed, `${told}, though ${committed} was committed`);
      assert.ok(position <= handedOut, `${told}, though only ${handedOut} were handed out`);
      await member.leave();
    },
  },
  {
    id: "S8",
    name: "two publishers at one log: all records whole, each in its own order",
    outside: (g) => g.processes === "many" ? undefined : "only one process can have the log",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(2);
      const topic = place.topic("two-writers");
      await Promise.all(
        logs.map((log, w) => publishAll(log, topic, series(`${w}:`, 500).map(inOnePartition))),
      );
      const read = valuesOf(await readToEnd(logs[0]!, topic));
      for (const w of [0, 1]) {
        assertRecords(read.filter((value) => value.startsWith(`${w}:`)), series(`${w}:`, 500));
      }
      assert.equal(read.length, 1000);
    },
  },
  {
    id: "S8",
    name: "another process publishes to the same log at the same time, and each reads the other's",
    outside: (g) => g.processes === "many" ? undefined : "only one process can have the log",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("two-processes"), place.group("two-processes")];
      await publishAll(log, topic, [inOnePartition("here-0")]);
      const reader = openReader(log, topic, { from: "earliest" });
      await reader.takes(["here-0"]);
      await using process = startLogProcess(place, { topic, group });
      const theirs: string[] = [];
      // This reader waits, and is woken by what the other process publishes.
      while (theirs.length < 20) {
        theirs.push(...valuesOf((await reader.next())?.records ?? []));
      }
      assertRecords(theirs, series("v", theirs.length));
      await publishAll(log, topic, series("mine-", 20).map(inOnePartition));
      await within("the other process reading mine", process.hasRead("mine-19"));
      await process.kill();
      const read = valuesOf(await readToEnd(log, topic));
      const mine = read.filter((value) => value.startsWith("mine-"));
      assertRecords(mine, series("mine-", 20));
      assertRecords(
        read.filter((value) => value.startsWith("v")),
        series("v", read.length - mine.length - 1),
      );
      await reader.leave();
    },
  },
];
