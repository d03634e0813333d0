import type { Output } from "./services.ts";

/** Text for an output, many lines at once. */
export interface BufferedOutput {
  /** Resolves at once unless much has gathered. */
  write(text: string): Promise<void>;
  /** Writes what has gathered. */
  flush(): Promise<void>;
}

/**
 * Gathers up to 32 KiB, and not longer than the event loop is busy: a line that is alone is written
 * at once.
 */
export function bufferOutput(output: Output): BufferedOutput {
  let gathered = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let writing: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const text = gathered;
    gathered = "";
    if (failure !== undefined) throw failure.error;
    if (text !== "") writing = writing.then(() => output.write(text));
    // Also where nothing has gathered since: what the timer began to write must be out before the
    // process ends.
    await writing;
  };
  return {
    flush,
    async write(text) {
      gathered += text;
      if (failure !== undefined || gathered.length >= 32_768) return await flush();
      timer ??= setTimeout(() => flush().catch((error) => failure = { error }), 0);
    },
  };
}
