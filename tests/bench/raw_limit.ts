/** The disk itself: a C program that writes and syncs, and does nothing else. */
export interface RawLimit {
  /** Batches a second of so many bytes. */
  rate(directory: string, batchBytes: number, segmentBytes: number, forMs: number): Promise<number>;
}

const source = new URL("raw_append.c", import.meta.url);

/** Builds the program with the machine's own `cc`, in `directory`. */
export async function buildRawLimit(directory: string): Promise<RawLimit> {
  const program = `${directory}/raw_append`;
  await output("cc", ["-O2", "-Wall", "-Werror", "-o", program, source.pathname]);
  return {
    async rate(directory, batchBytes, segmentBytes, forMs) {
      const sizes = [batchBytes, segmentBytes, forMs].map(String);
      const [batches = 0, ns = 1] = (await output(program, [directory, ...sizes])).split(" ").map(
        Number,
      );
      return batches / ns * 1e9;
    },
  };
}

/** What a program prints. @throws {Error} by rejection, with what it said, if it fails. */
export async function output(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], env })
    .output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
