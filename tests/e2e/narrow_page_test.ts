/** The page on the narrowest phones, in a real browser. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openApp } from "../http/open_app.ts";
import { dumpDom, requireChromium } from "../services/chromium.ts";

const chromium = await requireChromium();
const check = chromium === undefined ? it.skip : it;
const pages = ["/", "/?q=dune", "/nowhere", `/?q=${"dune+".repeat(45)}`];
const widthPx = 320;

/**
 * A page with the shop's pages in frames of that width, which notes how wide their contents are.
 */
const frames = `<!DOCTYPE html><title>frames</title>
${pages.map((page) => `<iframe width="${widthPx}" height="4000" src="${page}"></iframe>`).join("")}
<script>
  addEventListener("load", () => {
    const widths = [...document.querySelectorAll("iframe")]
      .map(({ contentDocument }) => contentDocument.documentElement.scrollWidth);
    document.body.dataset.widths = widths.join(",");
  });
</script>`;

describe("the page in a browser", () => {
  check(`is not wider than ${widthPx} pixels where there are no more`, async () => {
    const { app } = openApp([
      { title: "Dune", author: "Frank Herbert" },
      { title: `Dune ${"o".repeat(80)}`, author: "x".repeat(80), description: "y".repeat(200) },
    ]);
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        if (new URL(request.url).pathname === "/frames") {
          return new Response(frames, { headers: { "Content-Type": "text/html" } });
        }
        const answer = await app.fetch(request);
        // Frames of it are forbidden to others; here they are the test's way to a narrow window.
        const headers = new Headers(answer.headers);
        headers.delete("Content-Security-Policy");
        return new Response(answer.body, { status: answer.status, headers });
      },
    );
    try {
      const dom = await dumpDom(chromium ?? "", `http://127.0.0.1:${server.addr.port}/frames`);
      const widths = /data-widths="([^"]*)"/.exec(dom)?.[1]?.split(",").map(Number);
      assert.deepEqual(widths, pages.map(() => widthPx));
    } finally {
      await server.shutdown();
    }
  });
});
