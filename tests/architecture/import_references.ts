/** Every way in which a module can name another, found in its syntax tree. */
export interface ImportReference {
  readonly range: Deno.lint.Range;
  /** Undefined where it is computed and nobody can tell what it will be. */
  readonly specifier: string | undefined;
  /** As a reader would look for it: `import`, `export`, `import()`, `new Worker()`, … */
  readonly form: string;
}

/** The visitor that calls `found` for each reference of the module. */
export function visitReferences(
  context: Deno.lint.RuleContext,
  found: (reference: ImportReference) => void,
): Deno.lint.LintVisitor {
  const report = (node: { range: Deno.lint.Range }, form: string, specifier: string | undefined) =>
    found({ range: node.range, form, specifier });
  let hasJsx = false;
  const resolvedOnImport = new Set<Deno.lint.Node>();

  return {
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        for (const specifier of namedInComment(comment.value)) {
          report(comment, "a comment", specifier);
        }
      }
    },
    ImportDeclaration: (node) => report(node, "import", node.source.value),
    ExportAllDeclaration: (node) => report(node, "export", node.source.value),
    ExportNamedDeclaration(node) {
      if (node.source !== null) report(node, "export", node.source.value);
    },
    TSExternalModuleReference: (node) => report(node, "require()", literal(node.expression)),
    TSImportType: (node) => report(node, 'import("…")', literal(node.argument)),
    TSModuleDeclaration(node) {
      if (node.id.type === "Literal") report(node, "declare module", literal(node.id));
    },
    ImportExpression(node) {
      // Found when it is called, and not when the program is loaded, unlike a literal one.
      const resolved = resolvedBy(node.source);
      if (resolved !== undefined) resolvedOnImport.add(resolved);
      report(node, "import()", literal(resolved?.arguments[0] ?? node.source));
    },
    CallExpression(node) {
      if (resolvedOnImport.has(node)) return;
      const { callee } = node;
      if (callee.type === "Identifier" && callee.name === "require") {
        report(node, "require()", literal(node.arguments[0]));
      } else if (isImportMetaResolve(callee)) {
        report(node, "import.meta.resolve()", literal(node.arguments[0]));
      }
    },
    NewExpression(node) {
      const className = nameOf(node.callee);
      const [first, second] = node.arguments;
      if (className === "URL" && isImportMeta(second)) {
        // A computed one can only reach data: import() and Worker, which run code, take no
        // variable.
        const specifier = literal(first);
        if (specifier !== undefined) report(node, "new URL()", fileSpecifier(specifier));
      } else if (className === "Worker" && !isModuleUrl(first)) {
        report(node, "new Worker()", literal(first));
      }
    },
    JSXOpeningElement(node) {
      // Compiles to an import of the JSX library, which the text of the file does not show.
      if (!hasJsx) report(node, "JSX", "hono/jsx");
      hasJsx = true;
    },
    JSXOpeningFragment(node) {
      if (!hasJsx) report(node, "JSX", "hono/jsx");
      hasJsx = true;
    },
  };
}

type Expression = Deno.lint.Node | null | undefined;

/** The text of a string or of a template without holes, also as a type. */
function literal(node: Expression): string | undefined {
  if (node?.type === "TSLiteralType") return literal(node.literal);
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) {
    return node.quasis[0]?.cooked;
  }
  return undefined;
}

/** `import.meta` or a property of it. */
function isImportMeta(node: Expression): boolean {
  if (node?.type === "MemberExpression") return isImportMeta(node.object);
  return node?.type === "MetaProperty" && node.meta.name === "import";
}

/** The call of `import.meta.resolve()` that an expression is. */
function resolvedBy(node: Expression): Deno.lint.CallExpression | undefined {
  return node?.type === "CallExpression" && isImportMetaResolve(node.callee) ? node : undefined;
}

function isImportMetaResolve(node: Expression): boolean {
  return node?.type === "MemberExpression" && node.object.type === "MetaProperty" &&
    nameOf(node) === "resolve";
}

/** `Worker` of `Worker`, `globalThis.Worker` and `globalThis["Worker"]`. */
function nameOf(node: Expression): string | undefined {
  if (node?.type === "Identifier") return node.name;
  if (node?.type !== "MemberExpression") return undefined;
  return node.computed ? literal(node.property) : nameOf(node.property);
}

/**
 * An argument that another branch of the visitor already sees: `new URL("…", import.meta.url)`,
 * `import.meta.resolve("…")`.
 */
function isModuleUrl(node: Expression): boolean {
  if (node?.type === "NewExpression") {
    return nameOf(node.callee) === "URL" &&
      isImportMeta(node.arguments[1]) && literal(node.arguments[0]) !== undefined;
  }
  return node?.type === "CallExpression" && isImportMetaResolve(node.callee);
}

/**
 * `new URL("worker.ts", import.meta.url)` means a file beside, where `import "worker.ts"` would
 * mean a package.
 */
function fileSpecifier(specifier: string): string {
  return /^(?:[a-z][a-z0-9+.-]*:|\.{0,2}\/)/i.test(specifier) ? specifier : `./${specifier}`;
}

/**
 * `@ts-types="…"`, `<reference path="…" />`, `@jsxImportSource …`: comments that the compiler
 * obeys.
 */
function namedInComment(text: string): string[] {
  const quoted =
    /(?:@(?:deno|ts)-types\s*=\s*|<reference\s+(?:path|types)\s*=\s*)["']([^"']+)["']/g;
  const bare = /@jsxImportSource(?:Types)?\s+(\S+)/g;
  return [...text.matchAll(quoted), ...text.matchAll(bare)].flatMap(([, name]) => name ?? []);
}
