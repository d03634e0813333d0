/**
 * The wing `platformatic` is a driver on `@platformatic/kafka`, request by request: on its exported
 * protocol layer and its `Connection`. Its producer and consumer are not used: order, retrying,
 * groups and positions are decided above.
 */
import { compressionsAlgorithms } from "@platformatic/kafka";
import { Buffer } from "node:buffer";
import { createBrokerDirectory } from "../cluster/broker_directory.ts";
import type { DriverOptions, KafkaConnections, KafkaDriver } from "../driver/driver.ts";
import type { LentCodec } from "../wire/compression.ts";
import { openLine } from "./broker_line.ts";
import { groupRequests } from "./group_requests.ts";
import { logRequests } from "./log_requests.ts";
import { operatorRequests } from "./operator_requests.ts";

export function createDriver(options: DriverOptions): KafkaDriver {
  return {
    faultNames: {
      NetworkError: "connection",
      UnexpectedCorrelationIdError: "connection",
      TimeoutError: "timeout",
      UnsupportedCompressionError: "unsupported",
    },
    connect(): KafkaConnections {
      const directory = createBrokerDirectory(
        options.brokers,
        (address, forget) => openLine(address, options, forget),
      );
      return {
        ...logRequests(directory, options),
        ...groupRequests(directory, options.requestTimeoutMs),
        ...operatorRequests(directory),
        drop: () => directory.drop(),
        close: () => directory.close(),
      };
    },
  };
}

/** Unpacks with the library's codecs what the platform has none for, whichever driver is chosen. */
export function unpackLent(codec: LentCodec, bytes: Uint8Array): Uint8Array {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return compressionsAlgorithms[codec].decompressSync(packed);
}
