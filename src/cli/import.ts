/** `import`: puts the books of a CSV file on the shelf that the configuration names. */
import type { Config } from "../config/schema.ts";
import { StoreError } from "../ports/store_error.ts";
import { openOwnFile } from "../ports/own_file.ts";
import { importBooks } from "../use_cases/import_books.ts";
import { escapeControls } from "../process/escape_controls.ts";
import { CommandError, explainError } from "./command_error.ts";
import { type BadRow, csvBooks, type CsvOptions } from "./csv_books.ts";
import { openCsv } from "./csv_source.ts";
import { createImportProgress } from "./import_progress.ts";
import type { CliServices } from "./services.ts";

/** The options of `import`, as the command line gives them. */
export type ImportOptions = CsvOptions;

const interruptedCode = 130;

/** Imports a file. @returns The exit code. */
export async function importFile(
  file: string,
  options: ImportOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stderr, stdout, stop, clock } = services;
  using source = await openCsv(file, services);
  const badRows = badRowsFile(source.badRowsPath);
  let startedMs = clock.now();
  let failure: unknown;
  let counts = { added: 0, known: 0 };
  {
    await using catalogue = await services.openCatalogue(config);
    // A new shelf has been filled first.
    startedMs = clock.now();
    const progress = createImportProgress(source.size, source.bytesRead, clock);
    try {
      await importBooks({
        books: csvBooks(source.bytes, options, badRows.add),
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
