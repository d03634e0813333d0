/** Every number that the code measures is declared, and told in docs/metrics.md. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { metrics } from "../../src/ports/metrics.ts";
import { projectFiles, root } from "./project_files.ts";

const read = (file: string): string => Deno.readTextFileSync(new URL(file, root));
const sources = projectFiles(["src", "adapters"])
  .filter((file) =>
    /\.tsx?$/.test(file) && !file.includes("_test.") && !file.endsWith("/metrics.ts")
  )
  .map(read);

const calls =
  /\.(count|gauge|histogram)\(\s*(?:"(shelfcast\.[^"]+)"|`(shelfcast\.[^`]+|\$\{\w+\}\.[^`]+)`)/g;
const typeOf = { count: "counter", gauge: "gauge", histogram: "histogram" } as const;

/** Counts what does not fit: whoever records cannot. */
const ofTheAdapter = "shelfcast.telemetry.dropped";

/** What a call's name looks like: one for each word that the file counts as `what`. */
function namesOf(name: string, text: string): readonly RegExp[] {
  const words = [...text.matchAll(/\bcount\("(\w+)"/g)].map(([, word]) => word!);
  return (name.includes("${what}") ? words : [""]).map((word) => {
    const named = name.replace("${what}", word).replaceAll(".", "\\.");
    return new RegExp(`^${named.replace(/\$\{\w+\}/g, "[a-z_.]+")}$`);
  });
}

/** Of a call: its kind, and what its name looks like. */
const measured = sources.flatMap((text) =>
  [...text.matchAll(calls)].flatMap(([, call, name, pattern]) =>
    namesOf(name ?? pattern!, text).map((name) => ({
      type: typeOf[call as keyof typeof typeOf],
      name,
    }))
  )
);

describe("metrics", () => {
  it("whatever is measured is declared, with its type, and nothing else is", () => {
    assert.ok(measured.length > 50, `${measured.length} calls found`);
    const declared = Object.entries(metrics);
    const undeclared = measured.filter(({ type, name }) =>
      !declared.some(([known, metric]) => name.test(known) && metric.type === type)
    );
    assert.deepEqual(undeclared, []);
    const unmeasured = declared.filter(([known, metric]) =>
      known !== ofTheAdapter &&
      !measured.some(({ type, name }) => name.test(known) && metric.type === type)
    );
    assert.deepEqual(unmeasured.map(([name]) => name), []);
  });

  it("docs/metrics.md has a row for each, with what it means", () => {
    const rows = Object.entries(metrics).map(([name, { type, attributes, meaning }]) => {
      const exposed = name.replaceAll(".", "_") + (type === "counter" ? "_total" : "");
      const labels = attributes.map((attribute) => `\`${attribute}\``).join(" ");
      return `| \`${exposed}\` | ${labels} | ${type} | ${meaning} |`;
    });
    const told = read("docs/metrics.md").split("\n")
      .filter((line) => /^\| `\w+` +\|/.test(line))
      .map((line) => line.replace(/ +/g, " "));
    assert.deepEqual(told.toSorted(), rows.map((row) => row.replace(/ +/g, " ")).toSorted());
  });
});
