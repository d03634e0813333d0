/** Consumers as a process of their own, beside those in the shop, which is killed now and then. */
import { type ServiceFolder, unquoted } from "../e2e/service_process.ts";

const root = new URL("../../", import.meta.url);

export interface KilledConsumers extends AsyncDisposable {
  /** How often it was killed. */
  readonly kills: number;
  start(): void;
  /** As a machine that loses its power. */
  kill(): Promise<void>;
}

export async function killedConsumers(folder: ServiceFolder): Promise<KilledConsumers> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const [, ...words] = unquoted(tasks.consumers.command);
  const args = [...words, "run", "trends", "interests", "--config", folder.configFile];
  let child: Deno.ChildProcess | undefined;
  let kills = 0;

  async function kill(): Promise<void> {
    if (child === undefined) return;
    child.kill("SIGKILL");
    await child.status;
    child = undefined;
    kills++;
  }

  return {
    get kills() {
      return kills;
    },
    start() {
      child ??= new Deno.Command(Deno.execPath(), {
        args,
        cwd: root,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
