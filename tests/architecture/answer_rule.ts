import { lintedPath } from "./project_path.ts";

/** Where answers are made, with the headers that all of them bear. */
const makers = new Set(["src/http/exchange/answer.ts", "src/http/exchange/problem.ts"]);

const message =
  'Answer lacks the headers that every answer bears, wanted "answer", "answerJson" or "answerPage"';

/**
 * A rule for `deno lint`, in `src/http`: answers are made by `exchange/answer.ts`, as only those
 * have the security headers.
 */
const plugin: Deno.lint.Plugin = {
  name: "shelfcast-answers",
  rules: {
    "answer-made-elsewhere": {
      create(context) {
        const path = lintedPath(context.filename) ?? "";
        if (!path.startsWith("src/http/") || makers.has(path)) return {};
        const report = (node: Deno.lint.Node) => context.report({ node, message });
        return {
          "NewExpression[callee.name='Response']": report,
          "CallExpression[callee.object.name='Response']": report,
          "CallExpression[callee.object.name='c'][callee.property.name=/^(?:body|html|json|newResponse|notFound|redirect|text)$/]":
            report,
        };
      },
    },
  },
};

export default plugin;
