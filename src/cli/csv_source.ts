/** The bytes that are imported: of a file, of a pipe, or of what comes in by stdin. */
import { CommandError } from "./command_error.ts";
import { standardInput, unreadable } from "./readable_file.ts";
import type { CliServices } from "./services.ts";

export interface CsvSource extends Disposable {
  readonly bytes: ReadableStream<Uint8Array>;
  /** Of the file, as it lies on the disk; undefined of what has no end yet. */
  readonly size: number | undefined;
  /** Of these, how many have been read. */
  readonly bytesRead: () => number;
  /** Where rows are put that are no books: beside the file, or where the command was called. */
  readonly badRowsPath: string;
}

/** @throws {CommandError} where the file cannot be read. */
export async function openCsv(
  file: string,
  { resolvePath, stdin }: Pick<CliServices, "resolvePath" | "stdin">,
): Promise<CsvSource> {
  const pipedPath = resolvePath("import.rejected.csv");
  if (file === standardInput) {
    return { ...counted(stdin), size: undefined, badRowsPath: pipedPath, [Symbol.dispose]() {} };
  }
  const path = resolvePath(file);
  const handle = await openFile(path);
  const { size, isFile } = await handle.stat();
  return {
    ...counted(handle.readable),
    size: isFile ? size : undefined,
    badRowsPath: isFile ? `${path}.rejected.csv` : pipedPath,
    [Symbol.dispose]() {
      try {
        handle.close();
      } catch (error) {
        // The stream has closed it at its end.
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    },
  };
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    const handle = await Deno.open(path);
    if (!(await handle.stat()).isDirectory) return handle;
    handle.close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const otherwise = `File "${path}" cannot be read: ${reason}`;
    throw unreadable(path, "deno task import - < FILE", error, otherwise);
  }
  throw new CommandError(`File "${path}" is a folder, wanted a file`);
}

function counted(bytes: ReadableStream<Uint8Array>): Pick<CsvSource, "bytes" | "bytesRead"> {
  let read = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      read += chunk.length;
      controller.enqueue(chunk);
    },
  });
  return { bytes: bytes.pipeThrough(counting), bytesRead: () => read };
}
