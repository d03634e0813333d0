/** Comments wrap where code wraps: a rule for `deno lint`, and `deno lint --fix` wraps them. */
import { wrapLines } from "./wrap_comment.ts";

/** As `fmt.lineWidth` in deno.json. */
const lineWidth = 100;

interface Span {
  /** Where its line begins. */
  readonly from: number;
  readonly to: number;
  readonly column: number;
}

const plugin: Deno.lint.Plugin = {
  name: "shelfcast-comments",
  rules: {
    "comment-width": {
      create(context) {
        return {
          Program() {
            const { sourceCode } = context;
            const { text } = sourceCode;
            for (const block of blocksOf(sourceCode.getAllComments(), text)) {
              const written = text.slice(block.from, block.to);
              const wrapped = wrap(written, " ".repeat(block.column));
              if (wrapped === written) continue;
              context.report({
                range: [block.from, block.to],
                message: `Comment goes beyond column ${lineWidth}, wanted it wrapped`,
                hint: "deno lint --fix wraps it",
                fix: (fixer) => fixer.replaceTextRange([block.from, block.to], wrapped),
              });
            }
          },
        };
      },
    },
  },
};

export default plugin;

type Comment = ReturnType<Deno.lint.SourceCode["getAllComments"]>[number];

/** Comments that have their lines for themselves; line comments below each other are one. */
function* blocksOf(comments: readonly Comment[], text: string): Generator<Span> {
  let open: Span | undefined;
  for (const { type, range: [from, to] } of comments) {
    const column = from - (text.lastIndexOf("\n", from - 1) + 1);
    if (text.slice(from - column, from).trim() !== "") continue;
    const isNext = type === "Line" && open?.column === column &&
      text.slice(open.to, from - column) === "\n";
    if (open !== undefined && isNext) open = { ...open, to };
    else {
      if (open !== undefined) yield open;
      open = { from, to, column };
    }
    if (type === "Block" && open !== undefined) {
      yield open;
      open = undefined;
    }
  }
  if (open !== undefined) yield open;
}

function wrap(written: string, indent: string): string {
  // What the compiler obeys.
  if (written.startsWith("///")) return written;
  if (written.startsWith("//")) {
    const lines = written.split("\n").map((line) => line.trim().replace(/^\/\/ ?/, ""));
    return wrapLines(lines, lineWidth - indent.length - 3)
      .map((line) => `// ${line}`.trimEnd()).join(`\n${indent}`);
  }
  const opening = written.startsWith("/**") ? "/**" : "/*";
  const inner = written.slice(opening.length, -2);
  if (!inner.includes("\n") && [...indent, ...written].length <= lineWidth) return written;
  const lines = inner.trim().split("\n").map((line) => line.trim().replace(/^\* ?/, ""));
  const body = wrapLines(lines, lineWidth - indent.length - 3)
    .map((line) => `${indent} * ${line}`.trimEnd());
  return [opening, ...body, `${indent} */`].join("\n");
}
