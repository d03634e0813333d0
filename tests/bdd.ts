/**
 * The part of `@std/testing/bdd` that these tests use, over `Deno.test`: `describe` prefixes names,
 * `it` registers one flat test. `deno.json` maps `@std/testing/bdd` here because the standard
 * library's registry is not reachable where this is built; mapping it to `jsr:@std/testing/bdd`
 * needs no other change.
 *
 * Not `node:test`: under it Deno's sanitizers never fire and `--filter` on a nested case runs
 * nothing and passes.
 */

type Body = () => void | Promise<void>;

const path: string[] = [];
const hooks: { beforeEach: Body[]; afterEach: Body[] }[] = [{ beforeEach: [], afterEach: [] }];

/** Prefixes the names of the cases that `body` registers; hooks inside reach those cases only. */
export function describe(name: string, body: () => void): void {
  path.push(name);
  hooks.push({ beforeEach: [], afterEach: [] });
  try {
    body();
  } finally {
    path.pop();
    hooks.pop();
  }
}

function register(name: string, body: Body, ignore: boolean): void {
  const scopes = [...hooks];
  Deno.test({
    name: [...path, name].join(" › "),
    ignore,
    // Off by default since Deno 2.8; a leaked socket or timer is a fault here.
    sanitizeOps: true,
    sanitizeResources: true,
    async fn() {
      for (const scope of scopes) for (const hook of scope.beforeEach) await hook();
      try {
        await body();
      } finally {
        for (const scope of scopes.toReversed()) for (const hook of scope.afterEach) await hook();
      }
    },
  });
}

/** Registers one case under the names of the `describe` blocks around it. */
export function it(name: string, body: Body): void {
  register(name, body, false);
}

/** Registers a case that is reported as ignored; its name says why. */
it.skip = (name: string, body: Body): void => register(name, body, true);

/** Runs once before the first case of the file, whatever `describe` it stands in. */
export function before(body: Body): void {
  Deno.test.beforeAll(body);
}

/** Runs once after the last case of the file, whatever `describe` it stands in. */
export function after(body: Body): void {
  Deno.test.afterAll(body);
}

export function beforeEach(body: Body): void {
  hooks.at(-1)?.beforeEach.push(body);
}

export function afterEach(body: Body): void {
  hooks.at(-1)?.afterEach.push(body);
}
