/**
 * A service of the tutorials' design, to compare with: one connection to the database, LIKE in
 * three columns, and the event sent before the answer. Its settings come as JSON in the first
 * argument; it prints its port.
 */
import { Hono } from "hono";
import { Kafka, logLevel } from "kafkajs";
import { createConnection } from "mysql2/promise";

const { login, brokers, topic } = JSON.parse(Deno.args[0] ?? "{}");
const pageSize = 10;

const connection = await createConnection(login);
const kafka = new Kafka({ brokers, clientId: "tutorial", logLevel: logLevel.NOTHING });
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
await admin.disconnect();
const producer = kafka.producer();
await producer.connect();

const app = new Hono();
app.get("/api/books", async (c) => {
  const query = c.req.query("q") ?? "";
  const offset = Number(c.req.query("o") ?? 0);
  const like = `%${query}%`;
  const [rows] = await connection.query(
    "SELECT id, title, author, published_at, description, created_at FROM books " +
      "WHERE title LIKE ? OR author LIKE ? OR description LIKE ? LIMIT ?, ?",
    [like, like, like, offset, pageSize],
  );
  await producer.send({ topic, messages: [{ key: query, value: JSON.stringify(rows) }] });
  return c.json(rows);
});

Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
  app.fetch,
);
