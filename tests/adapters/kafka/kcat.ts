export async function hasKcat(): Promise<boolean> {
  try {
    return (await new Deno.Command("kcat", { args: ["-V"], stdout: "null", stderr: "null" })
      .output())
      .success;
  } catch {
    return false;
  }
}

/** Runs kcat (librdkafka's command line, an independent client) and gives what it prints. */
export async function kcat(args: readonly string[], input = ""): Promise<Uint8Array> {
  const child = new Deno.Command("kcat", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`kcat failed: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}
