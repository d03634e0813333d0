import type { DatabaseName } from "../../../adapters/database/registry.ts";

const deadlineMs = 30_000;

/** Starts `open_catalogue.ts`; resolves when it has ended by itself or by KILL_AT. */
export async function openInOtherProcess(
  name: DatabaseName,
  options: object,
  killAt?: number | "indexing",
): Promise<{ readonly killed: boolean; readonly printed: string }> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), deadlineMs);
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
    signal: abort.signal,
  }).output();
  clearTimeout(timer);
  const killed = signal === "SIGKILL";
  if (!success && !killed) throw new Error(`${signal} ${new TextDecoder().decode(stderr)}`);
  return { killed, printed: new TextDecoder().decode(stdout).trim() };
}
