/** A Kafka of a test's own, on which everything may be done; started by tests/services/kafka.sh. */
import assert from "node:assert/strict";
import { join } from "node:path";

const script = new URL("../../services/kafka.sh", import.meta.url).pathname;

export interface KafkaSettings {
  /** Default: 1. */
  readonly nodes?: number;
  /** Default: PLAINTEXT. */
  readonly security?: string;
  /** Separated by commas; default: PLAIN. */
  readonly mechanisms?: string;
  /** Further lines of server.properties. */
  readonly properties?: readonly string[];
  /** How long a killed node stays registered; its restart waits for that. Default: 3,000. */
  readonly sessionMs?: number;
}

export interface TestKafka extends KafkaAddresses, AsyncDisposable {
  readonly folder: string;
  readonly nodes: number;
  /** @param node From 1 on. */
  signal(node: number, signal: Deno.Signal): Promise<void>;
  /** Starts a node that has ended, on its data, and waits until it answers. */
  restart(node: number): Promise<void>;
  /** Kafka's own tool kafka-configs, with all rights. */
  configure(...args: readonly string[]): Promise<void>;
}

/** The ways to a broker that tests/services/kafka.sh has started. */
export interface KafkaAddresses {
  /** Without password and proxy, with all rights. */
  readonly inner: string;
  /** As clients come. */
  readonly brokers: readonly string[];
  /** Clients that come here first are told to go to `proxyPort`. */
  readonly proxiedPort: number;
  readonly proxyPort: number;
}

/** @param broker The first node, as kafka.sh prints it. */
export function addressesOf(broker: string, nodes = 1): KafkaAddresses {
  const port = Number(broker.split(":")[1]);
  return {
    inner: `127.0.0.1:${port + 10}`,
    brokers: Array.from({ length: nodes }, (_, node) => `127.0.0.1:${port + node}`),
    proxiedPort: port + 30,
    proxyPort: port + 40,
  };
}

export async function startKafka(settings: KafkaSettings = {}): Promise<TestKafka> {
  const { nodes = 1, security = "PLAINTEXT", mechanisms = "PLAIN", properties = [] } = settings;
  const folder = await Deno.makeTempDir({ prefix: "kafka_" });
  const extra = join(folder, "extra.properties");
  await Deno.writeTextFile(extra, properties.map((line) => `${line}\n`).join(""));
  const env = {
    KAFKA_SECURITY: security,
    KAFKA_MECHANISMS: mechanisms,
    KAFKA_EXTRA: extra,
    KAFKA_SESSION_MS: `${settings.sessionMs ?? 3000}`,
    KAFKA_HEAP: "384m",
  };
  const port = await run(["start", folder, "", `${nodes}`], env).catch(async (error) => {
    await run(["stop", folder]);
    throw error;
  });
  const addresses = addressesOf(port.split(",")[0] ?? "", nodes);
  return {
    ...addresses,
    folder,
    nodes,
    async signal(node, signal) {
      Deno.kill(Number(await Deno.readTextFile(join(folder, `n${node}`, "pid"))), signal);
    },
    async restart(node) {
      await run(["start", folder, "", `${nodes}`], { ...env, KAFKA_NODE: `${node}` });
    },
    async configure(...args) {
      await run(["configs", folder, ...args], env);
    },
    async [Symbol.asyncDispose]() {
      await run(["stop", folder]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const command = new Deno.Command(script, { args: [...args], env, stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  assert.ok(success, `kafka.sh ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}
