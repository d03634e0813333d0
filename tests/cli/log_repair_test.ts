/** `log repair`: what it would do, does and says, damage by damage. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { runCommand } from "./run_command.ts";
import { contents, logTool, topic, withStoredLog } from "./stored_log.ts";

const values = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `value ${from + n};`);

describe("log repair", () => {
  it("without --yes changes nothing and says what it would do", async () => {
    await withStoredLog(async (log) => {
      await log.append(80);
      log.flip(log.segments()[1]!, 4096 + 60);
      const before = contents(log);
      const { code, stdout } = await runCommand(["log", "repair", log.directory]);
      assert.equal(code, 1);
      assert.match(
        stdout,
        /Keep 0\d+\.segment as it is as 0\d+\.segment\.broken\n[^]*Nothing was changed, --yes does it\n$/,
      );
      assert.deepEqual(contents(log), before);
    });
  });

  const flips: readonly (readonly [
    what: string,
    segment: (names: readonly string[]) => number,
    records: number,
  ])[] = [
    ["the first segment", () => 0, 1],
    ["a segment in the middle", () => 1, 1],
    ["the last segment", (names) => names.length - 1, 1],
  ];
  for (const [what, choose, lost] of flips) {
    it(`of a bit flipped in ${what} keeps all records but those of the bad batch`, async () => {
      await withStoredLog(async (log) => {
        await log.append(80);
        const names = log.segments();
        const name = names[choose(names)]!;
        const offset = Number(name.slice(0, 20)) + 2;
        const original = () => Deno.readFileSync(`${log.folder}/${name}`);
        log.flip(name, log.placeOf(name, `value ${offset};`));
        const damaged = original();
        const { code, lost: given } = await logTool("repair", log, "--yes");
        assert.deepEqual([code, given.length, given[0].records], [0, 1, String(lost)]);
        assert.deepEqual(Deno.readFileSync(`${log.folder}/${name}.broken`), damaged);
        assert.deepEqual((await logTool("verify", log)).findings, []);
        const { values: read, code: end } = await log.read();
        const expected = [...values(0, offset), ...values(offset + lost, 80)];
        assert.deepEqual([read, end], [expected, "read"]);
        await log.append(2);
        assert.equal((await log.read()).values.length, 80 - lost + 2);
        assert.equal((await logTool("verify", log)).code, 0);
      });
    });
  }

  it("keeps everything where only a segment's header is bad", async () => {
    await withStoredLog(async (log) => {
      await log.append(80);
      for (const n of [0, 1, log.segments().length - 1]) {
        log.flip(log.segments()[n]!, 45);
        assert.equal((await logTool("verify", log)).code, 1);
        assert.equal((await logTool("repair", log, "--yes")).code, 0);
        assert.deepEqual((await logTool("verify", log)).findings, []);
        assert.deepEqual(await log.read(), { values: values(0, 80), code: "read" });
      }
    });
  });

  it("goes on behind a segment that is missing", async () => {
    await withStoredLog(async (log) => {
      await log.append(80);
      const [, missing = "", third = ""] = log.segments();
      await Deno.remove(`${log.folder}/${missing}`);
      const { findings } = await logTool("verify", log);
      const [from, to] = [missing, third].map((name) => Number(name.slice(0, 20)));
      assert.deepEqual([findings[0].offset, findings[0].records], [`${from}`, `${to! - from!}`]);
      assert.equal((await logTool("repair", log, "--yes")).code, 0);
      assert.deepEqual((await logTool("verify", log)).findings, []);
      assert.deepEqual((await log.read()).values, [...values(0, from!), ...values(to!, 80)]);
    });
  });

  it("lets readers pass again where the shop went on behind a damaged segment", async () => {
    await withStoredLog(async (log) => {
      await log.append(10);
      const [segment = ""] = log.segments();
      log.flip(segment, log.placeOf(segment, "value 3;"));
      await log.append(2);
      assert.deepEqual(await log.read(), { values: values(0, 3), code: "corrupt" });
      const { code, findings } = await logTool("verify", log);
      assert.deepEqual([code, findings.length, findings[0].records], [1, 1, "1"]);
      assert.equal((await logTool("repair", log, "--yes")).code, 0);
      assert.deepEqual((await logTool("verify", log)).findings, []);
      const expected = [...values(0, 3), ...values(4, 10), ...values(0, 2)];
      assert.deepEqual(await log.read(), { values: expected, code: "read" });
    });
  });

  it("gives no offset twice where the end of the log was cut off", async () => {
    await withStoredLog(async (log) => {
      await log.append(10);
      const [segment = ""] = log.segments();
      await Deno.truncate(`${log.folder}/${segment}`, log.placeOf(segment, "value 6;"));
      assert.equal((await logTool("repair", log, "--yes")).code, 0);
      assert.deepEqual(await log.read(), { values: values(0, 6), code: "read" });
      await using open = await log.open();
      const { offset } = await open.publish(topic, { value: null });
      assert.ok(offset >= 10n, `offset ${offset}`);
    });
  });

  it("works while the log is open, whose writer then goes on", async () => {
    await withStoredLog(async (log) => {
      await log.append(5);
      await using open = await log.open();
      await open.publish(topic, { value: null });
      const [segment = ""] = log.segments();
      log.flip(segment, log.placeOf(segment, "value 1;"));
      assert.equal((await logTool("repair", log, "--yes")).code, 0);
      const { offset } = await open.publish(topic, { value: null });
      assert.ok(offset >= 6n);
      const { code, records } = await logTool("verify", log);
      assert.deepEqual([code, records], [0, "6"]);
    });
  });

  it("leaves a log alone that is whole", async () => {
    await withStoredLog(async (log) => {
      await log.append(80);
      const before = contents(log);
      const { code, steps, lost } = await logTool("repair", log, "--yes");
      assert.deepEqual([code, steps, lost], [0, [], []]);
      assert.deepEqual(contents(log), before);
    });
  });
});
