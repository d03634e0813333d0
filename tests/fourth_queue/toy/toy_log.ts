/**
 * A fourth queue, to see what one takes: records go over a socket to a toy server, one at a time,
 * and are kept here to be read.
 */
import { openMemoryLog } from "../../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { EventRecord } from "../../../src/ports/event_record.ts";
import type { OpenQueueOptions } from "../../../src/ports/queue_declaration.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { closedHealth, degradedBy } from "../../../src/ports/queue_health.ts";
import { unlessAborted } from "../../../src/ports/unless_aborted.ts";
import { encodeKey, validateRecord } from "../../../src/ports/validate_record.ts";

export interface ToyLogOptions extends Partial<OpenQueueOptions> {
  /** host:port of the server. */
  readonly address: string;
  readonly maxRecordBytes?: number;
}

export function openToyLog({ address, ...options }: ToyLogOptions): EventLog {
  const held = openMemoryLog(options);
  const server = toyClient(address);
  let last: Promise<unknown> = Promise.resolve();
  let givenUp = 0;
  let isClosed = false;

  async function deliver(topic: string, record: EventRecord, order: number) {
    // Those behind a record that was given up would otherwise overtake it.
    if (order !== givenUp) throw new QueueError("unavailable", "A record before it was given up");
    try {
      await server.send(topic, record);
    } catch (error) {
      givenUp++;
      throw error;
    }
    return await held.publish(topic, record);
  }

  return {
    publish: (topic, record, { signal } = {}) =>
      unlessAborted(signal, () => {
        if (isClosed) throw new QueueError("closed", "Log is closed");
        validateRecord(topic, record);
        const order = givenUp;
        const report = last.then(() => deliver(topic, record, order));
        last = report.catch(() => {});
        return report;
      }),
    subscribe: held.subscribe,
    groups: held.groups,
    health: () => isClosed ? closedHealth : server.fault() ?? held.health(),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await last;
      server.close();
      await held[Symbol.asyncDispose]();
    },
  };
}

/** One connection, made when it is needed. */
function toyClient(address: string) {
  let connection: Deno.TcpConn | undefined;
  let fault: QueueError | undefined;
  const close = (): void => {
    connection?.close();
    connection = undefined;
  };
  return {
    close,
    fault: () => fault && degradedBy(fault),
    async send(topic: string, { key, value }: EventRecord): Promise<void> {
      const [, hostname = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
      const bytes = (of: Uint8Array | null) => of?.toHex() ?? "";
      const line = `${topic} ${bytes(key === undefined ? null : encodeKey(key))} ${bytes(value)}\n`;
      try {
        connection ??= await Deno.connect({ hostname, port: Number(port) });
        const rest = new Blob([line]).stream();
        for await (const part of rest) {
          for (let at = 0; at < part.length;) at += await connection.write(part.subarray(at));
        }
        if (await connection.read(new Uint8Array(1)) === null) {
          throw new QueueError("unavailable", `Server at "${address}" hung up`);
        }
        fault = undefined;
      } catch (cause) {
        close();
        fault = new QueueError("unavailable", `Server at "${address}" is away`, { cause });
        throw fault;
      }
    },
  };
}
