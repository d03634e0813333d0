import type { DatabaseName } from "../../../adapters/database/registry.ts";

/** Starts `open_catalogue.ts`; resolves when it has ended. */
export async function openInOtherProcess(
  name: DatabaseName,
  options: object,
  killAt?: number,
): Promise<{ readonly killed: boolean; readonly printed: string }> {
  const { signal, stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-env",
      "--allow-read",
      "--allow-write",
      "--allow-run",
      new URL("./open_catalogue.ts", import.meta.url).href,
      name,
      JSON.stringify(options),
      ...(killAt === undefined ? [] : [String(killAt)]),
    ],
  }).output();
  const killed = signal === "SIGKILL";
  if (!success && !killed) throw new Error(new TextDecoder().decode(stderr));
  return { killed, printed: new TextDecoder().decode(stdout).trim() };
}
