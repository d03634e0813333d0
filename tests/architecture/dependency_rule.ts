/** The dependency rule. */
import { type Row, rowOf, testPackages, within } from "./dependency_table.ts";
import { type ImportReference, visitReferences } from "./import_references.ts";
import { root } from "./project_files.ts";
import { lintedPath, projectPath } from "./project_path.ts";

/**
 * The dependency rule for `deno lint`: the core knows no library and no adapter, an adapter knows
 * no other adapter. It judges `src` and `adapters`; tests may import what they test.
 */
const plugin: Deno.lint.Plugin = {
  name: "shelfcast",
  rules: {
    "dependency-rule": {
      create(context) {
        const file = lintedPath(context.filename);
        if (file === undefined || !/^(?:src|adapters)\//.test(file)) return {};
        return visitReferences(context, (reference) => {
          const message = judge(file, reference);
          if (message !== undefined) context.report({ range: reference.range, message });
        });
      },
    },
  },
};

export default plugin;

/**
 * Why `file`, a path from the project's root, may not contain `reference`; undefined where it may.
 */
function judge(file: string, reference: ImportReference): string | undefined {
  const found = rowOf(file);
  if (found === undefined) {
    return `"${file}" has no row in tests/architecture/dependency_table.ts, wanted one that says what it may import`;
  }
  const { folder, row } = found;
  if (reference.specifier === undefined) {
    return `"${folder}" has ${reference.form} of a computed name, wanted a literal (for a Worker: new URL("…", import.meta.url))`;
  }
  const target = targetOf(file, reference.specifier);
  if (isAllowed(file, folder, row, target, reference.form)) return undefined;
  const is = `"${folder}" imports "${target.name}" (${reference.form})`;
  return `${is}; it may import ${describe(row)}${declare(file, found.key, target)}`;
}

interface Target {
  /** A path from the project's root, or a package's name with its sub-path. */
  readonly name: string;
  readonly kind: "project" | "package";
}

function targetOf(file: string, specifier: string): Target {
  if (/^(?:\.{0,2}\/|file:)/.test(specifier)) {
    const url = new URL(specifier, new URL(file, root));
    return { kind: "project", name: projectPath(url) ?? url.href };
  }
  // npm:/@scope/name@1.2.3/sub and jsr:name@^1 name the same packages as the import map's bare
  // names.
  const name = specifier.replace(/^(?:npm|jsr):\/?/, "").replace(
    /^(@[^/@]+\/[^/@]+|[^/@]+)@[^/]+/,
    "$1",
  );
  return { kind: "package", name };
}

/** The second is the type of what the first one gives. */
const lazyForms = new Set(["import()", 'import("…")']);

function isAllowed(file: string, owner: string, row: Row, target: Target, form: string): boolean {
  if (target.kind === "project") {
    const allowed = lazyForms.has(form) ? [...row.project, ...row.lazily ?? []] : row.project;
    const own = rowOf(target.name)?.folder === owner;
    return own || allowed.some((folder) => within(target.name, folder));
  }
  const allowed = /_test\.tsx?$/.test(file) ? [...row.packages, ...testPackages] : row.packages;
  return allowed.some((name) =>
    name.endsWith("*") ? target.name.startsWith(name.slice(0, -1)) : within(target.name, name)
  );
}

/** A new adapter has a row by its place, which knows no client library. */
function declare(file: string, key: string, { kind }: Target): string {
  if (kind !== "package" || !key.endsWith("*")) return "";
  const folder = file.split("/").slice(0, 3).join("/");
  return `; a client library is named in a row "${folder}" of tests/architecture/dependency_table.ts`;
}

function describe(row: Row): string {
  const lazily = (row.lazily ?? []).map((folder) => `${folder} by import() only`);
  const names = [...row.project, ...lazily, ...row.packages];
  return names.length === 0 ? "nothing but its own folder" : `its own folder, ${names.join(", ")}`;
}
