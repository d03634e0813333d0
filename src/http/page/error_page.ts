import type { Problem, ProblemCode } from "../exchange/problem.ts";
import { developersFold } from "./developers_fold.ts";
import { layout } from "./layout.ts";
import { type Markup, markup } from "./markup.ts";

export interface ErrorPageProps {
  readonly problem: Problem;
  /** What was typed, as far as it can be read. */
  readonly query: string;
  readonly requestId: string;
}

/** For somebody who only wanted to find a book; what a program needs to know stands in the fold. */
const sentences: Partial<Record<ProblemCode, readonly [heading: string, text: string]>> = {
  "bad-parameter": [
    "We could not search for that",
    "The address of the page is damaged. Please search again.",
  ],
  "bad-host": ["This page cannot be shown", "The address of the page is damaged."],
  "not-found": ["There is nothing here", "The page may have moved, or its address is damaged."],
  "method-not-allowed": ["There is nothing here", "This page can only be looked at."],
  "internal": [
    "Something went wrong on our side",
    "It is not your fault. Please try again in a moment.",
  ],
  "catalogue-unavailable": [
    "The shelf is away for a moment",
    "Please try again in a few seconds.",
  ],
};

/** The page for somebody who got none of what they asked for. */
export function errorPage({ problem, query, requestId }: ErrorPageProps): Markup {
  const [heading, text] = sentences[problem.code] ?? [problem.title, ""];
  const told = problem.sentence ?? text;
  const { code, message } = problem;
  return layout(
    { title: `${heading} · Shelfcast`, query },
    markup`
      <div class="heading"><h1>${heading}</h1></div>
      <div class="notice">
        ${told !== "" && markup`<p>${told}</p>`}
        <p><a href="/">Back to the shelf</a></p>
      </div>
      ${
      developersFold(markup`
        ${message !== "" && markup`<p dir="auto">${message}</p>`}
        <p>Problem <code>${code}</code>, request <code>${requestId}</code></p>`)
    }`,
  );
}
