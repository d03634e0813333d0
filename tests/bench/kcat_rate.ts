import { kcat } from "../adapters/kafka/kcat.ts";

/**
 * What librdkafka does with such records, in C: records a second of a whole run of kcat, its start
 * and the reading of its input included. Two headers, as kcat gives all records the same.
 */
export async function kcatRate(address: string, topic: string, valueBytes: number) {
  const records = Math.min(200_000, Math.floor(1e8 / valueBytes));
  const value = "x".repeat(valueBytes);
  const input = Array.from({ length: records }, (_, n) => `The query ${n}|${value}`).join("\n");
  const headers = ["-H", "content-type=application/json", "-H", "ce_specversion=1.0"];
  const partitioner = ["-X", "partitioner=murmur2_random", "-X", "linger.ms=5"];
  const began = performance.now();
  await kcat(["-P", "-b", address, "-t", topic, "-K", "|", ...headers, ...partitioner], input);
  return records / (performance.now() - began) * 1000;
}
