import { type KafkaClientName, kafkaClients } from "../../../adapters/queue/kafka/clients.ts";

/** For what depends on the driver: the rest stands above it, and is tested with one. */
export const clients = Object.keys(kafkaClients) as readonly KafkaClientName[];
