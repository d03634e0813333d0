/**
 * The conformance suite of the catalogue's port: every law, over an adapter and the place that its
 * harness prepares. What cannot run here is skipped with the reason, and fails in CI.
 */
import { describe, it } from "@std/testing/bdd";
import type { BookCatalogue } from "../../src/ports/book_catalogue.ts";
import type { CatalogueHarness, OpenCatalogueOptions } from "./book_catalogue_harness.ts";
import type { CatalogueLaw } from "./catalogue_law.ts";
import { bookLaws } from "./catalogue_laws/books.ts";
import { changeLaws } from "./catalogue_laws/changes.ts";
import { handMadeLaws } from "./catalogue_laws/hand_made.ts";
import { lifetimeLaws } from "./catalogue_laws/lifetime.ts";
import { pageLaws } from "./catalogue_laws/pages.ts";
import { searchLaws } from "./catalogue_laws/searches.ts";
import { shelfLaws } from "./catalogue_laws/shelf.ts";
import { reportMissing } from "../services/report_missing.ts";

const laws: readonly CatalogueLaw[] = [
  ...searchLaws,
  ...pageLaws,
  ...bookLaws,
  ...changeLaws,
  ...handMadeLaws,
  ...lifetimeLaws,
  ...shelfLaws,
];

/** Registers the suite for one adapter. */
export function judgeBookCatalogue(name: string, harness: CatalogueHarness): void {
  describe(name, () => {
    if (harness.missing !== undefined) {
      return reportMissing(`${laws.length} laws`, harness.missing);
    }
    for (const law of laws) it(law.name, () => judge(law, harness));
  });
}

async function judge(law: CatalogueLaw, harness: CatalogueHarness): Promise<void> {
  await using place = await harness.prepare();
  const catalogues: BookCatalogue[] = [];
  try {
    const open = async (options?: OpenCatalogueOptions) => {
      const catalogue = await place.open(options);
      catalogues.push(catalogue);
      return catalogue;
    };
    await law.run(open, place.execute);
  } finally {
    // Closed by the law or not: closing is idempotent, and a leak would fail the test.
    await Promise.all(catalogues.map((catalogue) => catalogue[Symbol.asyncDispose]()));
  }
}
