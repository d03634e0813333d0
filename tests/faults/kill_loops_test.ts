import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { rounds, seeded } from "./campaign.ts";
import {
  type Answer,
  countOf,
  missingEvents,
  openShopPlace,
  searchShop,
  segmentsIn,
} from "./searched_shop.ts";

const loops = rounds(200, 2);

describe("the shop under load", () => {
  it("S5 killed by SIGKILL again and again, over rolling segments: nothing accepted is missing", async () => {
    await using place = await openShopPlace();
    const queue = await place.newQueue();
    const random = seeded(4);
    const answers: Answer[] = [];
    for (let loop = 0; loop < loops; loop++) {
      let left = 1 + Math.floor(random() * 100);
      const isEnough = ({ status }: Answer) => status === "accepted" && --left <= 0;
      answers.push(...await searchShop({ queue, endedBy: "SIGKILL", isEnough }));
      if (loop % 50 === 49) assert.equal(await missingEvents(queue, answers, false), 0);
    }
    const missing = await missingEvents(queue, answers, false);
    const accepted = countOf(answers, "accepted");
    const segments = segmentsIn(queue);
    console.log(
      `kill -9: ${loops} loops of the shop, ${segments} segments, ${accepted} acknowledged, ${missing} missing`,
    );
    assert.equal(missing, 0);
    assert.ok(accepted > loops * 20 && segments > loops / 2);
  });
});
