/** `import`: puts the books of a CSV file on the shelf that the configuration names. */
import type { Config } from "../config/schema.ts";
import { StoreError } from "../ports/store_error.ts";
import { openOwnFile } from "../ports/own_file.ts";
import { importBooks } from "../use_cases/import_books.ts";
import { escapeControls } from "../process/escape_controls.ts";
import { CommandError, explainError } from "./command_error.ts";
import { type BadRow, type ColumnNames, csvBooks } from "./csv_books.ts";
import { createImportProgress } from "./import_progress.ts";
import type { CliServices } from "./services.ts";

/** The options of `import`, as the command line gives them. */
export type ImportOptions = ColumnNames;

const interruptedCode = 130;

/** Imports a file. @returns The exit code. */
export async function importFile(
  file: string,
  options: ImportOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stderr, stdout, stop, clock } = services;
  const path = services.resolvePath(file);
  using source = await openCsv(path);
  const badRows = badRowsFile(`${path}.rejected.csv`);
  let startedMs = clock.now();
  let failure: unknown;
  let counts = { added: 0, known: 0 };
  {
    await using catalogue = await services.openCatalogue(config);
    // A new shelf has been filled first.
    startedMs = clock.now();
    const progress = createImportProgress(source.bytes, source.bytesRead, clock);
    try {
      await importBooks({
        books: csvBooks(source.chunks, options, badRows.add),
        catalogue,
        clock,
        stop,
        onBatch(sofar) {
          counts = sofar;
          progress.show(sofar.added + sofar.known);
        },
        onWaiting: (reason) => progress.tell(escapeControls(`Waiting: ${reason}`)),
      });
    } catch (error) {
      if (error instanceof CommandError && error.exitCode === 2) throw error;
      failure = error;
    } finally {
      progress.stop();
      badRows.close();
    }
  }
  const seconds = Math.max(0.001, (clock.now() - startedMs) / 1000);
  const rate = Math.round((counts.added + counts.known) / seconds);
  await stdout.write(
    `Imported ${counts.added} books, ${counts.known} were there already, ${badRows.count} rows are none: ` +
      `${rate} rows a second\n`,
  );
  if (badRows.count > 0) {
    await stderr.write(`Rows that are no books stand in "${badRows.path}", with line and reason\n`);
  }
  if (failure !== undefined) {
    const hint = failure instanceof StoreError ? "; run it again to go on" : "";
    await stderr.write(`${explainError(failure)}${hint}\n`);
    return 1;
  }
  if (stop.aborted) {
    await stderr.write("Interrupted: whole batches were imported; run it again to go on\n");
    return interruptedCode;
  }
  return badRows.count > 0 ? 1 : 0;
}

interface CsvSource extends Disposable {
  readonly chunks: ReadableStream<Uint8Array>;
  /** Of the file, as it lies on the disk. */
  readonly bytes: number;
  readonly bytesRead: () => number;
}

const gzipMagic = [0x1f, 0x8b];

/** A file that begins as gzip does is unpacked, whatever it is called. */
async function openCsv(path: string): Promise<CsvSource> {
  let handle: Deno.FsFile;
  try {
    handle = await Deno.open(path);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandError(`File "${path}" cannot be read: ${message}`, { cause: error });
  }
  const { size } = await handle.stat();
  const magic = new Uint8Array(2);
  await handle.read(magic);
  await handle.seek(0, Deno.SeekMode.Start);
  let read = 0;
  const counted = handle.readable.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        read += chunk.length;
        controller.enqueue(chunk);
      },
    }),
  );
  const isPacked = gzipMagic.every((byte, index) => magic[index] === byte);
  return {
    chunks: isPacked ? counted.pipeThrough(new DecompressionStream("gzip")) : counted,
    bytes: size,
    bytesRead: () => read,
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

interface BadRowsFile {
  readonly path: string;
  readonly count: number;
  add(row: BadRow): Promise<void>;
  close(): void;
}

/** Made with the first row that it gets. */
function badRowsFile(path: string): BadRowsFile {
  const encoder = new TextEncoder();
  let handle: Deno.FsFile | undefined;
  let count = 0;

  async function write(cells: readonly (string | number)[]): Promise<void> {
    const line = cells.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(",");
    const bytes = encoder.encode(`${line}\r\n`);
    for (let at = 0; at < bytes.length;) at += await handle?.write(bytes.subarray(at)) ?? Infinity;
  }

  return {
    path,
    get count() {
      return count;
    },
    async add({ line, reason, cells }) {
      if (handle === undefined) {
        handle = await openOwnFile(path, "create");
        await handle.truncate();
        await write(["line", "reason", "row"]);
      }
      count += 1;
      await write([line, reason, ...cells]);
    },
    close: () => handle?.close(),
  };
}
