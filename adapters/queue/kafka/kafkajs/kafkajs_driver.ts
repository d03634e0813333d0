/**
 * The wing `kafkajs` is a driver on kafkajs 2.2.4, request by request. It stands on the library's
 * inner modules, all named in `internals.ts`: order, retrying, groups and positions are decided
 * above.
 */
import { createBrokerDirectory } from "../cluster/broker_directory.ts";
import type { DriverOptions, KafkaConnections, KafkaDriver } from "../driver/driver.ts";
import { openLine } from "./broker_line.ts";
import { groupRequests } from "./group_requests.ts";
import { logRequests } from "./log_requests.ts";
import { operatorRequests } from "./operator_requests.ts";

export function createDriver(options: DriverOptions): KafkaDriver {
  return {
    faultNames: {
      KafkaJSConnectionError: "connection",
      KafkaJSConnectionClosedError: "connection",
      KafkaJSRequestTimeoutError: "timeout",
      KafkaJSLockTimeout: "timeout",
      KafkaJSTimeout: "timeout",
      KafkaJSSASLAuthenticationError: "unauthorized",
      KafkaJSNotImplemented: "unsupported",
      KafkaJSServerDoesNotSupportApiKey: "unsupported",
      KafkaJSUnsupportedMagicByteInMessageSet: "corrupt",
    },
    connect(): KafkaConnections {
      const directory = createBrokerDirectory(
        options.brokers,
        (address, forget) => openLine(address, options, forget),
      );
      return {
        ...logRequests(directory, options),
        ...groupRequests(directory),
        ...operatorRequests(directory),
        drop: () => directory.drop(),
        close: () => directory.close(),
      };
    },
  };
}
