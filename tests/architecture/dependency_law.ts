/** What the dependency rule must decide, by example. */
interface Law {
  readonly may: readonly string[];
  readonly mayNot: readonly string[];
}

/** The dependency rule once more, by example: what a file of each row may and may not import. */
export const law: Readonly<Record<string, Law>> = {
  "src/domain/a.ts": {
    may: ["./b.ts"],
    mayNot: ["../ports/a.ts", "@opentelemetry/api", "node:util", "valibot"],
  },
  "src/ports/a.ts": {
    may: ["../domain/a.ts", "@opentelemetry/api"],
    mayNot: ["../wire/a.ts", "valibot", "node:fs"],
  },
  "src/wire/a.ts": {
    may: ["../domain/a.ts", "../ports/a.ts", "valibot", "@opentelemetry/api"],
    mayNot: ["../use_cases/a.ts", "hono"],
  },
  "src/use_cases/a.ts": {
    may: ["../domain/a.ts", "../ports/a.ts", "../wire/a.ts", "@opentelemetry/api"],
    mayNot: [
      "../http/a.ts",
      "../config/a.ts",
      "../../adapters/queue/registry.ts",
      "valibot",
      "kafkajs",
    ],
  },
  "src/http/routes/a.ts": {
    may: [
      "../../domain/a.ts",
      "../../ports/a.ts",
      "../../wire/a.ts",
      "../../use_cases/a.ts",
      "../exchange/problem.ts",
      "../page/layout.tsx",
      "hono",
      "hono/jsx",
      "hono-openapi",
      "valibot",
    ],
    mayNot: [
      "../../config/a.ts",
      "../../cli/a.ts",
      "../../composition/shop.ts",
      "../../main.ts",
      "../app.ts",
      "mysql2",
      "node:http",
    ],
  },
  "src/http/page/a.tsx": {
    may: ["../exchange/problem.ts", "../../domain/a.ts", "../../use_cases/a.ts", "hono/jsx"],
    mayNot: ["../app.ts", "../routes/a.ts", "../../config/a.ts"],
  },
  "src/http/exchange/a.ts": {
    may: ["../../domain/a.ts", "../../ports/a.ts", "../../use_cases/a.ts", "hono", "valibot"],
    mayNot: ["../app.ts", "../page/a.tsx", "../routes/a.ts", "../../config/a.ts"],
  },
  "src/http/app.ts": {
    may: ["./exchange/a.ts", "./page/a.tsx", "./routes/a.ts", "../ports/a.ts", "hono"],
    mayNot: ["../config/a.ts", "../cli/a.ts", "kafkajs"],
  },
  "src/config/a.ts": {
    may: [
      "valibot",
      "@std/yaml",
      "@opentelemetry/api",
      "node:util",
      "../ports/setting.ts",
      "../ports/queue_declaration.ts",
    ],
    mayNot: [
      "../domain/a.ts",
      "../ports/event_queue.ts",
      "../../adapters/queue/registry.ts",
      "hono",
      "commander",
    ],
  },
  "src/cli/a.ts": {
    may: [
      "../domain/a.ts",
      "../config/a.ts",
      "../use_cases/a.ts",
      "../http/a.ts",
      "commander",
      "cli-progress",
    ],
    mayNot: [
      "../composition/shop.ts",
      "../main.ts",
      "../cli.ts",
      "../../adapters/queue/memory/a.ts",
      "kafkajs",
      "hono",
    ],
  },
  "src/process/a.ts": {
    may: ["../domain/a.ts", "../ports/clock.ts", "@opentelemetry/api"],
    mayNot: ["../use_cases/a.ts", "../config/a.ts", "../main.ts", "hono"],
  },
  "src/composition/a.ts": {
    may: [
      "../config/a.ts",
      "../http/app.ts",
      "../use_cases/a.ts",
      "../../adapters/queue/registry.ts",
      "../../adapters/database/registry.ts",
      "../../adapters/telemetry/prometheus.ts",
      "@opentelemetry/api",
    ],
    mayNot: [
      "../cli/doctor.ts",
      "../cli.ts",
      "../main.ts",
      "../http/problem.ts",
      "../../adapters/queue/kafka/kafka_log.ts",
      "../../adapters/queue/kafka/declaration.ts",
      "../../adapters/database/sqlite/a.ts",
      "prom-client",
      "hono",
      "node:fs",
      "../../tests/bdd.ts",
      "https://example.com/a.ts",
      "data:text/javascript,1",
    ],
  },
  "src/main.ts": {
    may: ["./composition/shop.ts", "./cli/shelf_progress.ts", "../deno.json", "node:path"],
    mayNot: ["../tests/bdd.ts", "../adapters/queue/registry.ts", "kafkajs", "commander"],
  },
  "src/cli.ts": {
    may: ["./composition/queues.ts", "./cli/consume.ts", "./process/logging.ts"],
    mayNot: ["../tests/bdd.ts", "../adapters/queue/file_log/file_log.ts", "commander"],
  },
  "adapters/queue/registry.ts": {
    may: ["./memory/declaration.ts", "./any/declaration.ts"],
    mayNot: [
      "@opentelemetry/api",
      "../../src/ports/setting.ts",
      "../database/sqlite/declaration.ts",
      "./memory/a.ts",
      "./kafka/kafka_log.ts",
      "../database/registry.ts",
      "../../src/config/schema.ts",
      "kafkajs",
    ],
  },
  "adapters/queue/any/declaration.ts": {
    may: ["../../../src/ports/setting.ts"],
    mayNot: ["./a.ts", "../kafka/declaration.ts", "../../../src/config/a.ts", "kafkajs", "node:fs"],
  },
  "adapters/queue/any/a.ts": {
    may: ["./b.ts", "./declaration.ts", "../../../src/ports/a.ts", "@opentelemetry/api"],
    mayNot: ["../other/b.ts", "../other/declaration.ts", "../registry.ts", "redis", "node:net"],
  },
  "adapters/queue/memory/a.ts": {
    may: ["../../../src/ports/a.ts", "../../../src/domain/a.ts", "@opentelemetry/api"],
    mayNot: [
      "../registry.ts",
      "../file_log/file_log.ts",
      "../kafka/a.ts",
      "../../../src/wire/a.ts",
      "../../../src/config/a.ts",
      "kafkajs",
      "node:fs",
    ],
  },
  "adapters/queue/file_log/a.ts": {
    may: ["./b.ts", "./append/a.ts", "./read/a.ts", "./disk/a.ts", "../../../src/ports/a.ts"],
    mayNot: [
      "./operate/a.ts",
      "../memory/a.ts",
      "../kafka/a.ts",
      "../registry.ts",
      "../../../src/use_cases/a.ts",
      "kafkajs",
      "node:sqlite",
      "node:fs",
      "node:zlib",
    ],
  },
  "adapters/queue/file_log/operate/a.ts": {
    may: ["./b.ts", "../file_log.ts", "../append/a.ts", "../read/a.ts", "../segments/a.ts"],
    mayNot: ["../../kafka/a.ts", "../../registry.ts", "node:fs/promises", "node:zlib"],
  },
  "adapters/queue/file_log/append/a.ts": {
    may: ["./b.ts", "../segments/a.ts", "../format/a.ts", "../disk/a.ts"],
    mayNot: ["../file_log.ts", "../read/a.ts", "../operate/a.ts", "node:fs/promises"],
  },
  "adapters/queue/file_log/read/a.ts": {
    may: ["./b.ts", "../segments/a.ts", "../format/a.ts", "../disk/a.ts"],
    mayNot: ["../file_log.ts", "../append/a.ts", "../operate/a.ts", "node:fs/promises"],
  },
  "adapters/queue/file_log/segments/a.ts": {
    may: ["./b.ts", "../format/a.ts", "../disk/a.ts", "../../../../src/ports/a.ts"],
    mayNot: ["../file_log.ts", "../append/a.ts", "../read/a.ts", "../operate/a.ts", "node:zlib"],
  },
  "adapters/queue/file_log/format/a.ts": {
    may: ["./b.ts", "../../../../src/ports/a.ts", "node:zlib"],
    mayNot: ["../disk/a.ts", "../segments/a.ts", "../append/a.ts", "node:fs/promises"],
  },
  "adapters/queue/file_log/disk/a.ts": {
    may: ["./b.ts", "../../../../src/ports/a.ts", "node:fs/promises"],
    mayNot: ["../format/a.ts", "../segments/a.ts", "../file_log.ts", "node:zlib"],
  },
  "adapters/queue/kafka/a.ts": {
    may: [
      "./b.ts",
      "./consume/a.ts",
      "./produce/a.ts",
      "./wire/a.ts",
      "../../../src/ports/a.ts",
      "@opentelemetry/api",
    ],
    mayNot: [
      "../file_log/a.ts",
      "../memory/a.ts",
      "../../../src/config/a.ts",
      "./kafkajs/a.ts",
      "./platformatic/a.ts",
      "kafkajs",
      "npm:kafkajs@2.2.4",
      "@platformatic/kafka",
      "node:net",
      "mysql2",
    ],
  },
  "adapters/queue/kafka/consume/a.ts": {
    may: ["./b.ts", "../cluster/a.ts", "../driver/a.ts", "../wire/a.ts"],
    mayNot: ["../kafka_log.ts", "../produce/a.ts", "../kafkajs/a.ts", "../clients.ts", "kafkajs"],
  },
  "adapters/queue/kafka/produce/a.ts": {
    may: ["./b.ts", "../cluster/a.ts", "../driver/a.ts", "../wire/a.ts"],
    mayNot: ["../kafka_log.ts", "../consume/a.ts", "../platformatic/a.ts", "@platformatic/kafka"],
  },
  "adapters/queue/kafka/kafkajs/a.ts": {
    may: [
      "kafkajs",
      "kafkajs/src/broker/index.js",
      "npm:kafkajs@2.2.4",
      "../cluster/broker_directory.ts",
      "../driver/a.ts",
      "../wire/a.ts",
      "node:tls",
    ],
    mayNot: [
      "../clients.ts",
      "../cluster/topic_leaders.ts",
      "../produce/a.ts",
      "../platformatic/a.ts",
      "@platformatic/kafka",
    ],
  },
  "adapters/queue/kafka/platformatic/a.ts": {
    may: [
      "@platformatic/kafka",
      "../cluster/broker_directory.ts",
      "../driver/a.ts",
      "../wire/a.ts",
    ],
    mayNot: ["../cluster/cluster_probe.ts", "../consume/a.ts", "../kafkajs/a.ts", "kafkajs"],
  },
  "adapters/queue/kafka/cluster/a.ts": {
    may: ["../driver/a.ts", "../wire/a.ts", "../../../../src/ports/a.ts"],
    mayNot: ["../produce/a.ts", "../consume/a.ts", "../kafkajs/a.ts", "../kafka_log.ts"],
  },
  "adapters/queue/kafka/driver/a.ts": {
    may: ["../wire/a.ts", "../../../../src/ports/a.ts", "@opentelemetry/api"],
    mayNot: ["../cluster/a.ts", "../kafkajs/a.ts", "../produce/a.ts", "node:net", "kafkajs"],
  },
  "adapters/queue/kafka/wire/a.ts": {
    may: ["./b.ts", "../../../../src/ports/a.ts", "node:zlib"],
    mayNot: [
      "../driver/a.ts",
      "../cluster/a.ts",
      "../produce/a.ts",
      "@platformatic/kafka",
      "node:net",
    ],
  },
  "adapters/database/sqlite/a.ts": {
    may: [
      "./b.ts",
      "node:sqlite",
      "../schema/a.ts",
      "../starter_shelf/a.ts",
      "../../../src/domain/a.ts",
    ],
    mayNot: [
      "../mysql/a.ts",
      "../registry.ts",
      "mysql2",
      "../../queue/memory/a.ts",
    ],
  },
  "adapters/database/mysql/a.ts": {
    may: [
      "mysql2",
      "mysql2/promise",
      "../schema/a.ts",
      "../starter_shelf/a.ts",
      "../../../src/ports/a.ts",
    ],
    mayNot: ["../sqlite/a.ts", "node:sqlite", "../registry.ts"],
  },
  "adapters/database/any/declaration.ts": {
    may: ["../../../src/ports/database_declaration.ts"],
    mayNot: ["./a.ts", "../schema/a.ts", "mysql2"],
  },
  "adapters/database/any/a.ts": {
    may: ["./declaration.ts", "../schema/a.ts", "../../../src/ports/a.ts"],
    mayNot: ["../mysql/a.ts", "pg"],
  },
  "adapters/database/registry.ts": {
    may: ["./sqlite/declaration.ts"],
    mayNot: [
      "@opentelemetry/api",
      "./sqlite/a.ts",
      "./schema/a.ts",
      "../queue/registry.ts",
      "mysql2",
    ],
  },
  "adapters/database/schema/a.ts": {
    may: ["../../../src/domain/a.ts"],
    mayNot: ["../sqlite/a.ts", "../starter_shelf/a.ts", "node:sqlite"],
  },
  "adapters/database/starter_shelf/a.ts": {
    may: ["csv-parse", "csv-parse/sync", "../../../src/domain/a.ts"],
    mayNot: ["../sqlite/a.ts", "../schema/a.ts", "mysql2"],
  },
  "adapters/telemetry/prometheus.ts": {
    may: ["./gathered_metric.ts", "../../src/ports/telemetry.ts"],
    mayNot: ["prom-client", "../queue/memory/a.ts", "../../src/http/a.ts", "hono"],
  },
};
