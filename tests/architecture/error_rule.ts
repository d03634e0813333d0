/** The rules on errors. */
import { grammarFaults, type TextWithGaps } from "./error_grammar.ts";
import { lintedPath } from "./project_path.ts";

type Node = Deno.lint.Node;

/**
 * At which argument the errors that begin with a code have their text; the others begin with it.
 */
const textAt: Readonly<Record<string, number>> = {
  QueueError: 1,
  StoreError: 1,
  DiskError: 1,
  Problem: 1,
};

/** Errors whose argument is no sentence of its own, each with the reason. */
const exempt: Readonly<Record<string, string>> = {
  ConfigError: "its text is made of faults, each with what is and what is wanted",
  InvalidArgumentError: "commander's: it is printed as the second sentence, behind commander's own",
  KafkaDeadlineError: "takes what was asked; its class makes the sentence",
  KafkaProtocolError: "takes the name of a request; its class makes the sentence",
};

/**
 * Errors that say that something given was wrong, and so must say what is wanted: the class, or the
 * class with its code.
 */
const wantsWanted =
  /^(?:RangeError|SyntaxError|TypeError|UnreadableEventError|QueueError (?:full|invalid_record|too_large|unsupported)|Problem (?:bad-|body-|unsupported-).*)$/;

/**
 * Where plain errors are made, each with the reason: nobody asks for their code, as they end the
 * process.
 */
const plainErrors: Readonly<Record<string, string>> = {
  "src/process/serve.ts": "an address that is taken ends the start",
  "src/composition/shop.ts": "the shutdown's own steps are logged, not caught",
};

/**
 * Two rules on errors for `deno lint`, in `src` and `adapters`: their texts have one grammar, and
 * an error has a code, because nobody may have to match on a text.
 */
const plugin: Deno.lint.Plugin = {
  name: "shelfcast-errors",
  rules: {
    "error-text": {
      create(context) {
        if (judgedPath(context.filename) === undefined) return {};
        const texts = new Map<string, Node[]>();
        const judged: { readonly name: string; readonly code: string; readonly text: Node }[] = [];
        return {
          VariableDeclarator({ id, init }) {
            if (id.type !== "Identifier" || init === null || init === undefined) return;
            texts.set(id.name, [...texts.get(id.name) ?? [], init]);
          },
          NewExpression({ callee, arguments: given }) {
            if (callee.type !== "Identifier" || Object.hasOwn(exempt, callee.name)) return;
            if (!/Error$|^Problem$|^BrokerUnreachable$/.test(callee.name)) return;
            const text = given[textAt[callee.name] ?? 0];
            const code = given[0]?.type === "Literal" ? `${given[0].value}` : "";
            if (text !== undefined) judged.push({ name: callee.name, code, text });
          },
          'ClassDeclaration[superClass.name=/Error$/] CallExpression[callee.type="Super"]'(
            node: Deno.lint.CallExpression,
          ) {
            const text = node.arguments[0];
            if (text !== undefined) judged.push({ name: "super", code: "", text });
          },
          "Program:exit"() {
            for (const { name, code, text } of judged) {
              const needs = wantsWanted.test(name) || wantsWanted.test(`${name} ${code}`);
              const found = text.type === "Identifier" ? texts.get(text.name) ?? [] : [text];
              for (const node of found.flatMap(branches)) {
                const withGaps = textOf(node, (part) => context.sourceCode.getText(part));
                if (withGaps === undefined) continue;
                for (const fault of grammarFaults(withGaps, needs)) {
                  context.report({ node, message: `Error text ${fault}` });
                }
              }
            }
          },
        };
      },
    },
    "error-class": {
      create(context) {
        const file = judgedPath(context.filename);
        if (file === undefined || Object.hasOwn(plainErrors, file)) return {};
        const report = (node: Node) =>
          context.report({ node, message: "Error has no code, wanted a class whose code tells" });
        return {
          "NewExpression[callee.name='Error']": report,
          "CallExpression[callee.name='Error']": report,
          "ThrowStatement[argument.type=/Literal$/]": report,
        };
      },
    },
  },
};

export default plugin;

/** The path of a file that is judged; undefined for tests and what is not the project's. */
function judgedPath(filename: string): string | undefined {
  const path = lintedPath(filename) ?? "";
  return /^(?:src|adapters)\//.test(path) && !/_test\.tsx?$/.test(path) ? path : undefined;
}

/** The texts that an expression can be, where it chooses between some. */
function branches(node: Node): Node[] {
  if (node.type !== "ConditionalExpression") return [node];
  return [node.consequent, node.alternate].flatMap(branches);
}

/** The text of a literal, a template or a sum of these; undefined for all else. */
function textOf(node: Node, sourceOf: (node: Node) => string): TextWithGaps | undefined {
  if (node.type === "Literal" && typeof node.value === "string") {
    return { parts: [node.value], gaps: [] };
  }
  if (node.type === "TemplateLiteral") {
    const gaps = node.expressions.map((part) => sourceOf(part).replaceAll(/\s+/g, " "));
    return { parts: node.quasis.map(({ cooked }) => cooked), gaps };
  }
  if (node.type !== "BinaryExpression" || node.operator !== "+") return undefined;
  const [left, right] = [textOf(node.left, sourceOf), textOf(node.right, sourceOf)];
  if (left === undefined || right === undefined) return undefined;
  const seam = `${left.parts.at(-1)}${right.parts[0]}`;
  return {
    parts: [...left.parts.slice(0, -1), seam, ...right.parts.slice(1)],
    gaps: [...left.gaps, ...right.gaps],
  };
}
