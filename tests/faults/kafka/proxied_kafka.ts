/**
 * A broker behind a proxy: in the full campaign one of its own, in the short form the one that all
 * tests share.
 */
import { requireService } from "../../services/require_service.ts";
import { isFull } from "../campaign.ts";
import { type FaultProxy, openFaultProxy } from "./fault_proxy.ts";
import { addressesOf, startKafka } from "./test_kafka.ts";

const data = new URL("../../../data/", import.meta.url);

const { address } = isFull
  ? { address: undefined }
  : requireService("SHELFCAST_TEST_KAFKA", "Kafka");

/** Whether there is a broker to test with; where there is none, that has been reported. */
export const hasKafka: boolean = isFull || address !== undefined;

export interface ProxiedKafka extends AsyncDisposable {
  readonly proxy: FaultProxy;
  /** Where clients go: through the proxy. */
  readonly brokers: readonly string[];
  /** Past the proxy. */
  readonly inner: string;
}

export async function openProxiedKafka(): Promise<ProxiedKafka> {
  using stack = new DisposableStack();
  // Test files run side by side, and clients of the shared broker all come to one port: one after
  // the other.
  if (address !== undefined) stack.use(await lockOf(address));
  const own = address === undefined ? await startKafka() : undefined;
  const { inner, proxyPort, proxiedPort } = own ?? addressesOf(address ?? "");
  const proxy = await openFaultProxy(proxyPort, proxiedPort);
  const held = stack.move();
  return {
    proxy,
    brokers: [`127.0.0.1:${proxyPort}`],
    inner,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await own?.[Symbol.asyncDispose]();
      held.dispose();
    },
  };
}

/** Held by one process at a time, and let go of when that ends, however it ends. */
async function lockOf(broker: string): Promise<Disposable> {
  await Deno.mkdir(data, { recursive: true });
  const path = new URL(`proxy_of_${broker.replace(/\W/g, "_")}.lock`, data);
  const file = await Deno.open(path, { create: true, write: true });
  await file.lock(true);
  return file;
}
