/** A real proxy before a shop: Debian's HAProxy, where it is on this machine. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../e2e/service_process.ts";
import { reportMissing } from "./report_missing.ts";

/** For it to listen. */
const deadlineMs = 20_000;
// Debian keeps servers where only root's path leads.
const names = ["haproxy", "/usr/sbin/haproxy"];

/** Its absence is printed; in CI it is a failure. */
export async function requireHaproxy(): Promise<string | undefined> {
  for (const name of names) {
    try {
      const { success } = await new Deno.Command(name, {
        args: ["-v"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return name;
    } catch {
      // Another one may be there.
    }
  }
  reportMissing("HAProxy", `none of ${names.join(", ")} can be run`);
  return undefined;
}

export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** How many connections of clients it holds. */
  connections(): Promise<number>;
  /** How many it has held since it was started. */
  accepted(): Promise<number>;
}

/**
 * @param settings As they are printed: what is replaced is the address that is listened on, and the
 * shop's.
 */
export async function startHaproxy(
  haproxy: string,
  settings: string,
  shop: string,
): Promise<Proxy> {
  const port = freePort();
  const replaced = settings
    .replace("bind :80\n", `bind 127.0.0.1:${port}\n`)
    .replace("127.0.0.1:8080", new URL(shop).host);
  assert.ok(replaced.includes(`:${port}`) && replaced.includes(new URL(shop).host), replaced);
  const folder = await Deno.makeTempDir({ prefix: "haproxy_" });
  const [main, watched] = [join(folder, "haproxy.cfg"), join(folder, "watched.cfg")];
  const socket = join(folder, "stats");
  await Deno.writeTextFile(main, replaced);
  await Deno.writeTextFile(watched, `global\n  stats socket ${socket}\n`);
  const child = new Deno.Command(haproxy, {
    args: ["-db", "-f", main, "-f", watched],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  let ended = false;
  const end = child.status.then(() => {
    ended = true;
  });

  let asked = 0;

  async function shown(name: string): Promise<number> {
    using connection = await Deno.connect({ transport: "unix", path: socket });
    asked++;
    await connection.write(new TextEncoder().encode("show info\n"));
    const text = await new Response(connection.readable).text();
    return Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(text)?.[1] ?? NaN);
  }

  /** One that asks is none of a client's. */
  const connections = async (): Promise<number> => await shown("CurrConns") - 1;

  const until = Date.now() + deadlineMs;
  for (let isThere = false; !isThere;) {
    isThere = await connections().then(() => true, () => false);
    if (ended) assert.fail(await stderr);
    assert.ok(Date.now() < until, "HAProxy does not answer");
  }
  return {
    url: `http://127.0.0.1:${port}`,
    connections,
    accepted: async () => await shown("CumConns") - asked,
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill("SIGKILL");
      await end;
      await stderr;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
