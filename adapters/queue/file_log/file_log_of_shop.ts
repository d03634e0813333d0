import { systemClock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { denoDisk } from "./disk/deno_disk.ts";
import { laterFreeSpace } from "./disk/later_free_space.ts";
import { openFileLog } from "./file_log.ts";
import type { FileLogOptions } from "./file_log_options.ts";

/** The log as a shop opens it, which is to answer soon. */
export function openFileLogOfShop(options: FileLogOptions): Promise<EventLog> {
  return openFileLog({
    ...options,
    disk: laterFreeSpace(denoDisk, options.clock ?? systemClock),
  });
}
