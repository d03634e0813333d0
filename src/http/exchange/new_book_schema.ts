/** What a new book must be, judged as a whole. */
import * as v from "valibot";
import { isBlank } from "../../domain/blank_text.ts";
import { bookLimits, type NewBook } from "../../domain/book.ts";
import { parseIsbn } from "../../domain/isbn.ts";
import { parsePublishedAt } from "../../domain/published_at.ts";
import { type FieldFault, Problem } from "./problem.ts";

// C0 and C1. They mean nothing in a book, take six bytes each in an event, and terminals obey them.
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const controls = /[\u0000-\u001f\u007f-\u009f]/;
/** The same but for what layout is made of. */
// deno-lint-ignore no-control-regex
const controlsBesideLayout = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

function text(maxLength: number, forbidden = controls) {
  return v.pipe(
    v.string((issue) => `Is ${kindOf(issue.input)}, wanted text`),
    v.check(
      (value) => !forbidden.test(value),
      (issue) => `Has the control character ${controlIn(issue.input, forbidden)}, wanted none`,
    ),
    v.check((value) => value.isWellFormed(), "Has a lone surrogate, wanted well-formed Unicode"),
    v.maxLength(
      maxLength,
      (issue) => `Has ${issue.input.length} characters, wanted at most ${maxLength}`,
    ),
  );
}

function controlIn(text: string, controls: RegExp): string {
  const code = controls.exec(text)?.[0].charCodeAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function requiredText(maxLength: number) {
  const trimmed = v.pipe(v.string((issue) => `Is ${kindOf(issue.input)}, wanted text`), v.trim());
  return v.pipe(
    trimmed,
    text(maxLength),
    v.check((value) => !isBlank(value), "Is blank, wanted text"),
  );
}

const publishedAt = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    if (dataset.value === null) return null;
    const parsed = parsePublishedAt(dataset.value);
    if (parsed !== undefined) return parsed;
    addIssue({
      message: `Is ${
        kindOf(dataset.value)
      }, wanted a year from -9999 to 9999 except 0 (negative: BCE), a date YYYY-MM-DD that exists, or null`,
    });
    return NEVER;
  }),
);

const isbn = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { value } = dataset;
    if (value === null) return null;
    const parsed = typeof value === "string" ? parseIsbn(value) : undefined;
    if (parsed !== undefined) return parsed;
    addIssue({
      message: `Is ${
        kindOf(value)
      }, wanted an ISBN of 10 or 13 digits with its right check digit, as text, or null`,
    });
    return NEVER;
  }),
);

const newBookSchema = v.strictObject(
  {
    title: requiredText(bookLimits.titleMax),
    author: requiredText(bookLimits.authorMax),
    published_at: v.optional(publishedAt, null),
    description: v.optional(text(bookLimits.descriptionMax, controlsBesideLayout), ""),
    isbn: v.optional(isbn),
  },
  ({ expected }) =>
    expected === "never"
      ? "Is not a field of a book, wanted none but its own"
      : "Is missing, wanted text",
);

/**
 * Checks a book that somebody wants to add; title and author come out trimmed.
 *
 * @throws {Problem} `invalid-book`, with all faults at once.
 */
export function parseNewBook(body: unknown): NewBook {
  // Asked here because Valibot takes an array for an object without fields.
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Problem("invalid-book", `Body is ${kindOf(body)}, wanted an object`);
  }
  const { success, output, issues } = v.safeParse(newBookSchema, body);
  if (success) {
    const { isbn, ...book } = output;
    return { ...book, ...(isbn !== undefined && { isbn }) };
  }
  const faults = issues.map((issue): FieldFault => ({
    pointer: (issue.path ?? []).map(({ key }) => `/${escapePointer(String(key))}`).join(""),
    detail: issue.message,
  }));
  throw new Problem("invalid-book", "The faults are listed in errors", { faults });
}

/** RFC 6901 §3; a name as long as the body would only make a long answer. */
function escapePointer(name: string): string {
  return name.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 50)) : String(value);
}
