import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { root } from "../architecture/project_files.ts";
import { isFull } from "./campaign.ts";
import { copyProject, mutated, type ProjectCopy } from "./mutant_run.ts";
import { type Mutant, mutants } from "./mutants.ts";

describe("mutants of the file log", () => {
  let copy: ProjectCopy;
  before(async () => {
    copy = await copyProject();
  });
  after(async () => await copy[Symbol.asyncDispose]());

  it("all can be made of the code as it is", async () => {
    for (const mutant of mutants) {
      const path = new URL(`adapters/queue/file_log/${mutant.file}`, root);
      assert.notEqual(mutated(await Deno.readTextFile(path), mutant), "", mutant.name);
    }
    console.log(`mutants: ${mutants.length}`);
  });

  const chosen: readonly Mutant[] = isFull ? mutants : mutants.slice(0, 1);

  it("their killers pass on the code as it is", async () => {
    const killers = new Map(chosen.map(({ killer }) => [killer.test, killer]));
    for (const killer of killers.values()) assert.ok(await copy.passes(killer), killer.test);
  });

  for (const mutant of chosen) {
    it(`${mutant.name} → ${mutant.killer.test}`, async () => {
      const takeBack = await copy.apply(mutant);
      const survived = await copy.passes(mutant.killer);
      await takeBack();
      assert.ok(!survived, `mutant "${mutant.name}" survives in ${mutant.file}`);
      console.log(`killed: ${mutant.name} → ${mutant.killer.test}`);
    });
  }
});
