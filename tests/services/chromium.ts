import { reportMissing } from "./report_missing.ts";

/**
 * A browser on this machine, to look at pages as people do. Its absence is printed; in CI it is a
 * failure.
 */
export async function requireChromium(): Promise<string | undefined> {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      const { success } = await new Deno.Command(name, {
        args: ["--version"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return name;
    } catch {
      // Another one may be there.
    }
  }
  reportMissing("Chromium", "no browser is on the PATH");
  return undefined;
}

/** The document at an address once its scripts have run, as HTML. */
export async function dumpDom(chromium: string, url: string): Promise<string> {
  const profile = await Deno.makeTempDir({ prefix: "chromium_" });
  try {
    const { success, stdout, stderr } = await new Deno.Command(chromium, {
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        `--user-data-dir=${profile}`,
        "--virtual-time-budget=5000",
        "--dump-dom",
        url,
      ],
      stdout: "piped",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`Chromium failed: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(profile, { recursive: true });
  }
}
