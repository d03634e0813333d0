import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { root } from "../architecture/project_files.ts";
import { isFull } from "./campaign.ts";
import { copyProject, mutated, type ProjectCopy } from "./mutant_run.ts";
import type { Mutant } from "./mutants.ts";

/**
 * Registers that each mutant is killed by the test that it names.
 *
 * @param folder In which the mutants' files are, from the project's folder on; ends with a slash
 *   where it is another.
 */
export function describeMutants(what: string, folder: string, mutants: readonly Mutant[]): void {
  describe(`mutants of ${what}`, () => {
    let copy: ProjectCopy;
    before(async () => {
      copy = await copyProject();
    });
    after(async () => await copy[Symbol.asyncDispose]());

    it("all can be made of the code as it is", async () => {
      for (const mutant of mutants) {
        const path = new URL(`${folder}${mutant.file}`, root);
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
        const takeBack = await copy.apply(`${folder}${mutant.file}`, mutant);
        // Some killers look for what happens now and then: once more, where it did not.
        let survived = true;
        for (let tries = 0; survived && tries < 2; tries++) {
          survived = await copy.passes(mutant.killer);
          if (survived) console.log(`survived once: ${mutant.name}`);
        }
        await takeBack();
        assert.ok(!survived, `mutant "${mutant.name}" survives in ${mutant.file}`);
        console.log(`killed: ${mutant.name} → ${mutant.killer.test}`);
      });
    }
  });
}
