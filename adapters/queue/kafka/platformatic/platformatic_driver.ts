import { createBrokerDirectory } from "../cluster/broker_directory.ts";
import type { DriverOptions, KafkaConnections, KafkaDriver } from "../driver/driver.ts";
import { openLine } from "./broker_line.ts";
import { groupRequests } from "./group_requests.ts";
import { logRequests } from "./log_requests.ts";

/**
 * `@platformatic/kafka`, request by request: its exported protocol layer and its `Connection`. Its producer and consumer are not used:
 * order, retrying, groups and positions are decided above.
 */
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
        drop: () => directory.drop(),
        close: () => directory.close(),
      };
    },
  };
}
