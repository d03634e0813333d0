/** compose.yaml says what the code and the image need. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parse } from "@std/yaml";
import { load } from "../config/load_text.ts";
import { lastStage, parseDockerfile } from "./dockerfile.ts";

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<"shop" | "kafka" | "mysql", Service>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const root = new URL("../../", import.meta.url);
const read = (path: string): string => Deno.readTextFileSync(new URL(path, root));

const source = read("compose.yaml");
/**
 * As docker compose sees it with an empty environment: `${NAME:-default}` filled in, `$$` made `$`.
 */
const compose = parse(
  source.replace(
    /\$\$|\$\{\w+:-([^}]*)\}/g,
    (found, otherwise) => found === "$$" ? "$" : otherwise,
  ),
) as Compose;
const { shop, kafka, mysql } = compose.services;
const image = lastStage(parseDockerfile(read("Dockerfile")));
const instruction = (name: string) => image.find((one) => one.name === name)?.text ?? "";
const values = (service: Service) =>
  Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, `${value}`]),
  );
const shopConfig = () => load(compose.configs["shop"]?.content ?? "", values(shop));

describe("compose.yaml", () => {
  it("gives every variable that it takes a default", () => {
    const variables = [...source.replaceAll("$$", "").matchAll(/\$\{?(\w*)([^}]*)/g)];
    assert.ok(variables.length > 0);
    for (const [text, name, rest] of variables) {
      assert.ok(name && rest?.startsWith(":-"), `${text} has no default`);
    }
  });

  it("publishes ports on this machine only, each one that something listens on", async () => {
    const listening = {
      shop: `${(await shopConfig()).app.port}`,
      kafka: /OUTSIDE:\/\/:(\d+)/.exec(values(kafka)["KAFKA_LISTENERS"] ?? "")?.[1],
      mysql: "3306",
    };
    for (const [name, service] of Object.entries(compose.services)) {
      const port = listening[name as keyof typeof listening];
      assert.deepEqual(service.ports, [`127.0.0.1:${port}:${port}`]);
    }
  });

  it("declares every volume that it mounts and mounts every one that it declares", () => {
    const mounted = Object.values(compose.services).flatMap(({ volumes }) => volumes ?? []);
    assert.deepEqual(
      mounted.map((mount) => mount.split(":")[0]).sort(),
      Object.keys(compose.volumes).sort(),
    );
    assert.equal(shop.volumes?.[0]?.split(":")[1], instruction("VOLUME"));
  });

  it("knows when each service is ready, and starts the shop after the others", () => {
    for (const service of [kafka, mysql]) assert.ok(service.healthcheck);
    assert.match(instruction("HEALTHCHECK"), /\/readyz/);
    assert.deepEqual(Object.keys(shop.depends_on ?? {}).sort(), ["kafka", "mysql"]);
    for (const { condition } of Object.values(shop.depends_on ?? {})) {
      assert.equal(condition, "service_healthy");
    }
  });

  it("asks for health with variables that the container has", () => {
    for (const service of [kafka, mysql]) {
      for (const [, name = ""] of service.healthcheck?.test.join(" ").matchAll(/\$(\w+)/g) ?? []) {
        assert.ok(name in values(service), name);
      }
    }
  });

  it("stops the shop no sooner than it has drained", () => {
    const deadlineMs = Number(
      /drainDeadlineMs = ([\d_]+)/.exec(read("src/main.ts"))?.[1]?.replaceAll("_", ""),
    );
    const graceMs = Number.parseInt(shop.stop_grace_period ?? "", 10) * 1000;
    assert.ok(graceMs > deadlineMs, `${graceMs} ms, wanted more than ${deadlineMs} ms`);
  });

  it("runs the Kafka that the tests run", () => {
    const tested = /KAFKA_VERSION:-([^}]+)/.exec(read("tests/services/kafka.sh"))?.[1];
    assert.equal(kafka.image?.split("@")[0], `apache/kafka:${tested}`);
  });
});

describe("the shop in compose.yaml", () => {
  it("is built here, and reads the configuration that it is given", () => {
    assert.ok(Deno.statSync(new URL("Dockerfile", new URL(`${shop.build}/`, root))).isFile);
    assert.deepEqual(shop.configs, [{
      source: "shop",
      target: `${instruction("WORKDIR")}/config.yml`,
    }]);
  });

  it("listens where the image says, on every address", async () => {
    const { app } = await shopConfig();
    assert.deepEqual([app.host, `${app.port}`], ["0.0.0.0", instruction("EXPOSE")]);
  });

  it("finds its database: host, port, user, password and name", async () => {
    const { db } = await shopConfig();
    const { MYSQL_USER, MYSQL_PASSWORD, MYSQL_DATABASE } = values(mysql);
    assert.deepEqual([db.driver, db.host, db.port], ["mysql", "mysql", 3306]);
    assert.deepEqual([db.user, db.password, db.database], [
      MYSQL_USER,
      MYSQL_PASSWORD,
      MYSQL_DATABASE,
    ]);
  });

  it("finds its brokers where Kafka says that it is", async () => {
    const { mq } = await shopConfig();
    assert.equal(mq.adapter, "kafka");
    const inside = /INSIDE:\/\/([^,]+)/.exec(values(kafka)["KAFKA_ADVERTISED_LISTENERS"] ?? "")
      ?.[1];
    assert.deepEqual(mq.brokers, [inside]);
    assert.match(inside ?? "", /^kafka:/);
  });
});
