import type { Flood, FloodResult } from "./flood_worker.ts";

/** A crowd that is connected, and waits. */
export interface OpenFlood extends Disposable {
  /** Sends everything; resolves when all connections have been closed. */
  begin(): Promise<FloodResult>;
}

export async function openFlood(flood: Flood): Promise<OpenFlood> {
  const worker = new Worker(new URL("./flood_worker.ts", import.meta.url), { type: "module" });
  const next = <Answer>() =>
    new Promise<Answer>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    });
  const opened = next<string>();
  worker.postMessage(flood);
  await opened;
  return {
    begin() {
      const ended = next<FloodResult>();
      worker.postMessage("begin");
      return ended;
    },
    [Symbol.dispose]: () => worker.terminate(),
  };
}
