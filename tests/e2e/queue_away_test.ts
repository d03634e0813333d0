/**
 * The real process whose queue is away or does not let it in: searches do not notice, operators do,
 * and nobody restarts it.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { openTcpProxy } from "../adapters/database/tcp_proxy.ts";
import { within } from "../contracts/law.ts";
import { requireService } from "../services/require_service.ts";
import { runTask, serviceFolder, type ServiceProcess, startService } from "./service_process.ts";

const kafka = requireService("SHELFCAST_TEST_KAFKA", "Kafka");
const sasl = requireService("SHELFCAST_TEST_KAFKA_SASL", "a Kafka broker with SASL");
const authority = requireService("SHELFCAST_TEST_KAFKA_CA", "the authority of that broker");

/**
 * What is told within five seconds by the clock of the adapters' tests; other programs take their
 * share of this machine.
 */
const soonMs = 30_000;
/** A busy disk takes longer than the default of 50 ms to accept an event. */
const patient = "accept_timeout_ms: 10000";
const surroundings =
  "app: { port: PORT }\ndb: { driver: sqlite, sqlite: { file: DIR/shelf.db } }\n";

interface Ready {
  readonly status: string;
  readonly queues: Readonly<Record<string, { status: string; reason?: string; detail?: string }>>;
}

async function readiness({ url }: ServiceProcess): Promise<Ready> {
  const response = await fetch(`${url}/readyz`);
  assert.equal(response.status, 200);
  return await response.json();
}

async function becomes(service: ServiceProcess, wanted: (ready: Ready) => boolean): Promise<void> {
  const deadline = performance.now() + soonMs;
  for (;;) {
    const ready = await readiness(service);
    if (wanted(ready)) return;
    assert.ok(performance.now() < deadline, `still ${JSON.stringify(ready)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Searched {
  readonly id: string;
  readonly status: string;
}

async function search({ url }: ServiceProcess, query: string): Promise<Searched> {
  const response = await fetch(`${url}/api/books?q=${query}`);
  assert.equal(response.status, 200);
  await response.body?.cancel();
  const { headers } = response;
  return { id: headers.get("X-Event-Id") ?? "", status: headers.get("X-Event-Status") ?? "" };
}

async function untilDelivered({ url }: ServiceProcess, { id }: Searched): Promise<void> {
  const deadline = performance.now() + soonMs;
  for (;;) {
    const { status } = await (await fetch(`${url}/api/events/${id}`)).json();
    if (status === "delivered") return;
    assert.ok(performance.now() < deadline, `event is still ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("shop whose file log cannot be opened when it starts", () => {
  it("answers searches, says so, and is well without a search when that is mended", async () => {
    await using folder = await serviceFolder(
      `${surroundings}mq: { adapter: file, ${patient}, file: { directory: DIR/queue } }`,
    );
    const inTheWay = join(folder.path, "queue", "lr-book-searches");
    await Deno.mkdir(join(folder.path, "queue"));
    await Deno.writeTextFile(inTheWay, "");
    await using service = await startService(folder);
    assert.equal((await readiness(service)).status, "degraded");
    assert.match((await search(service, "hunger")).status, /refused/);
    await Deno.remove(inTheWay);
    await becomes(service, ({ status }) => status === "ok");
    assert.equal((await search(service, "dune")).status, "accepted");
  });
});

if (kafka.address !== undefined) {
  const [hostname = "", port = ""] = kafka.address.split(":");
  const startedTold = /nothing listens there; start the broker/;

  describe("shop whose broker is away when it starts", () => {
    for (const buffer of ["file", "none"]) {
      it(`buffer ${buffer}: answers, says so, and is well without a restart when the broker comes`, async () => {
        await using broker = openTcpProxy({ hostname, port: Number(port) });
        await broker.set("refuse");
        const topic = `e2e-away-${buffer}-${Deno.pid}-${Date.now()}`;
        await using folder = await serviceFolder(`${surroundings}mq:
  { adapter: kafka, brokers: ["127.0.0.1:${broker.port}"], topic: ${topic}, file: { directory: DIR/queue },
    accept_timeout_ms: ${buffer === "file" ? 10_000 : 50},
    kafka: { buffer: ${buffer} } }`);
        await using service = await startService(folder);
        const early = await search(service, "hunger");
        assert.equal(early.status, buffer === "file" ? "accepted" : "pending");
        await becomes(service, ({ status, queues }) => {
          const { reason, detail = "" } = queues["kafka"] ?? {};
          return status === "degraded" && reason === "unavailable" && startedTold.test(detail);
        });
        const ready = await readiness(service);
        if (buffer === "file") assert.equal(ready.queues["buffer"]?.status, "ok");

        await broker.set("pass");
        await becomes(service, ({ status }) => status === "ok");
        const late = await search(service, "dune");
        for (const event of [early, late]) await untilDelivered(service, event);
        const { code, stderr } = await service.stop();
        assert.equal(code, 0, stderr);
        const options = ["--config", folder.configFile, "--from", "earliest", "--until-end"];
        const { stdout } = await runTask("consume", options);
        const keys = [...stdout.matchAll(/key=(\w+)/g)].map(([, key = ""]) => key);
        assert.deepEqual(keys.toSorted(), ["dune", "hunger"]);
      });
    }
  });
}

if (sasl.address !== undefined && authority.address !== undefined) {
  const refusals = [
    {
      name: "a wrong password",
      // A task reads nothing elsewhere.
      ca: "DIR/ca.pem",
      reason: "unauthorized",
      line: /("level":"ERROR".*mq\.kafka\.sasl_password.*KAFKA_SASL_PASSWORD)/,
    },
    {
      name: "an authority that it does not know",
      ca: "",
      reason: "unavailable",
      line: /("level":"ERROR".*certificate is not trusted; set mq\.kafka\.ssl_ca_file)/,
    },
  ];
  const authorityFile = authority.address;
  describe("shop that its broker does not let in", () => {
    for (const { name, ca, reason, line } of refusals) {
      it(`${name}: answers searches, and says which keys to mend, without the password`, async () => {
        await using folder = await serviceFolder(`${surroundings}mq:
  { adapter: kafka, brokers: ["${sasl.address}"], kafka: { buffer: none, security_protocol: SASL_SSL,
    ssl_ca_file: "${ca}", sasl_mechanism: PLAIN, sasl_username: test_user, sasl_password: not_the_secret } }`);
        await Deno.copyFile(authorityFile, join(folder.path, "ca.pem"));
        await using service = await startService(folder);
        await search(service, "hunger");
        await becomes(
          service,
          ({ status, queues }) => status === "degraded" && queues["kafka"]?.reason === reason,
        );
        await within("the line in the log", service.logged(line), soonMs);
        const { stderr } = await service.stop("SIGKILL");
        assert.doesNotMatch(stderr, /not_the_secret/);
      });
    }
  });
}
