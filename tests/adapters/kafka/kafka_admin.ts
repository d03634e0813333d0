import { connect, type Socket } from "node:net";
import { Kafka, logLevel, Partitioners } from "kafkajs";

/**
 * kafkajs's public client, for what the port cannot do: a second opinion, and faults on purpose.
 */
export async function openKafkaAdmin(broker: string) {
  // kafkajs does not wait for its sockets to end, and the sanitizers would see them.
  const sockets = new Set<Socket>();
  const kafka = new Kafka({
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    retry: { retries: 5, initialRetryTime: 100 },
    socketFactory({ host, port, onConnect }) {
      const socket = connect({ host, port }, onConnect);
      sockets.add(socket);
      return socket;
    },
  });
  const admin = kafka.admin();
  await admin.connect();
  return {
    admin,
    /**
     * Publishes one value a transaction, then commits or aborts: each leaves a control record
     * behind its own.
     */
    async publishInTransactions(topic: string, values: readonly (readonly [string, boolean])[]) {
      const producer = kafka.producer({
        transactionalId: topic,
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      for (const [value, committed] of values) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value, partition: 0 }] });
        await (committed ? transaction.commit() : transaction.abort());
      }
      await producer.disconnect();
    },
    async [Symbol.asyncDispose]() {
      await admin.disconnect();
      const ended = [...sockets].map((socket) =>
        socket.closed || socket.destroyed
          ? undefined
          : new Promise((resolve) => socket.once("close", resolve))
      );
      for (const socket of sockets) socket.destroy();
      await Promise.all(ended);
    },
  };
}
