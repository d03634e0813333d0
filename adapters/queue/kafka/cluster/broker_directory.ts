/**
 * The brokers that are known, and the lines to them: one for each party on a client, of whichever
 * library.
 */
import { BrokerUnreachable } from "../driver/fault.ts";

/** The connections to one broker; of no use once dropped. */
export interface BrokerLine {
  drop(): void;
}

export interface BrokerDirectory<Line extends BrokerLine> {
  /** Notes where nodes are. */
  learn(nodes: readonly { nodeId: number; host: string; port: number }[]): void;
  /** @throws {BrokerUnreachable} where nobody has told where the node is, or after `close`. */
  to(node: number): Line;
  /** Asks one broker; another one after each failure. */
  any<T>(ask: (line: Line) => Promise<T>): Promise<T>;
  drop(): void;
  /** Drops all, and opens none any more. */
  close(): void;
}

/**
 * @param bootstrap host:port, at least one.
 * @param openLine `forget` is to be called when the line is dropped: the next request opens
 *   another.
 */
export function createBrokerDirectory<Line extends BrokerLine>(
  bootstrap: readonly string[],
  openLine: (address: string, forget: () => void) => Line,
): BrokerDirectory<Line> {
  const lines = new Map<string, Line>();
  const addresses = new Map<number, string>();
  let turn = 0;
  let isClosed = false;

  function lineTo(address: string): Line {
    if (isClosed) throw new BrokerUnreachable("Connections are closed");
    let line = lines.get(address);
    if (line === undefined) {
      const opened = openLine(address, () => {
        // Of an old line a request may fail when there is a new one already.
        if (lines.get(address) === opened) lines.delete(address);
      });
      line = opened;
      lines.set(address, line);
    }
    return line;
  }

  function drop(): void {
    for (const line of [...lines.values()]) line.drop();
  }

  return {
    learn(nodes) {
      for (const { nodeId, host, port } of nodes) addresses.set(nodeId, `${host}:${port}`);
    },
    to(node) {
      const address = addresses.get(node);
      if (address === undefined) {
        throw new BrokerUnreachable(`Address of node ${node} is not known`);
      }
      return lineTo(address);
    },
    async any(ask) {
      const known = [...new Set([...addresses.values(), ...bootstrap])];
      const address = known[turn % known.length]!;
      try {
        return await ask(lineTo(address));
      } catch (error) {
        turn++;
        throw error;
      }
    },
    drop,
    close() {
      isClosed = true;
      drop();
    },
  };
}

/** `host:port`, also `[::1]:9092`. */
export function addressParts(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(colon + 1)) };
}
