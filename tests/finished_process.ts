/** What a process left behind. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FinishOptions {
  /** Written to its piped input, which is closed then. Default: its input is left alone. */
  readonly input?: string | Uint8Array;
  /** Default: 60,000. */
  readonly deadlineMs?: number;
}

/**
 * Waits for the end of a process whose output is piped, and gathers what it writes meanwhile.
 *
 * @throws where it has not ended in time: then it is ended, and the error says what it had written.
 */
export async function finished(
  child: Deno.ChildProcess,
  { input, deadlineMs = 60_000 }: FinishOptions = {},
): Promise<Finished> {
  const written = { stdout: "", stderr: "" };
  const gather = async (name: keyof typeof written): Promise<void> => {
    for await (const text of child[name].pipeThrough(new TextDecoderStream())) {
      written[name] += text;
    }
  };
  // At the same time: a process that nobody listens to stops reading.
  const ended = Promise.all([child.status, gather("stdout"), gather("stderr"), feed(child, input)]);
  if (!await endsWithin(ended, deadlineMs)) {
    // `deno task` hands this one on to what it runs.
    child.kill("SIGTERM");
    if (!await endsWithin(ended, 2000)) child.kill("SIGKILL");
    throw new Error(`Process had not ended after ${deadlineMs} ms. ${told(written)}`);
  }
  const [{ code }] = await ended;
  return { code, ...written };
}

/** What a process has written, for the error of a test. */
export const told = ({ stdout, stderr }: Pick<Finished, "stdout" | "stderr">): string =>
  `It wrote\nstdout: ${stdout}\nstderr: ${stderr}`;

/** Whether a promise has settled when the time has passed. */
export async function endsWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), ms));
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function feed(child: Deno.ChildProcess, input: FinishOptions["input"]): Promise<void> {
  if (input === undefined) return;
  const writer = child.stdin.getWriter();
  try {
    await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
    await writer.close();
  } catch (error) {
    // It need not read to the end.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
