/** What a configuration becomes, and each fault of one. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { errorOf, faultsOf, load } from "./load_text.ts";

describe("loadConfig()", () => {
  it("has defaults for every key", async () => {
    const config = await load("{}");
    assert.equal(config.app.port, 8080);
    assert.equal(config.db.driver, "sqlite");
    assert.equal(config.mq.adapter, "file");
    assert.deepEqual(config.mq.brokers, ["localhost:9092"]);
  });

  it("takes a plain tutorial file unmodified", async () => {
    const config = await load(`
app:
  port: 3000
  page_size: 10
db:
  host: localhost
  port: 3306
  user: test_user
  password: test_pass
  database: lr_event_book
mq:
  brokers:
    - localhost:9092
  topic: lr-book-searches
`);
    const { host, port, page_size } = config.app;
    assert.deepEqual({ host, port, page_size }, { host: "127.0.0.1", port: 3000, page_size: 10 });
    assert.equal(config.db.driver, "mysql");
    assert.equal(config.db.database, "lr_event_book");
    assert.equal(config.mq.adapter, "kafka");
    assert.deepEqual(config.mq.brokers, ["localhost:9092"]);
  });

  it("lets the file's driver and adapter win over what host and brokers would mean", async () => {
    const config = await load(
      "{db: {driver: sqlite, host: h}, mq: {adapter: memory, brokers: 'b:1'}}",
    );
    assert.equal(config.db.driver, "sqlite");
    assert.equal(config.mq.adapter, "memory");
  });

  it("says which variables have no effect because their adapter is not chosen", async () => {
    const env = { KAFKA_BOOTSTRAP_SERVERS: "b:1", KAFKA_SASL_USERNAME: "" };
    const { ignored } = await load("{}", env);
    assert.deepEqual(ignored, [{
      variable: "KAFKA_BOOTSTRAP_SERVERS",
      key: "mq.adapter",
      adapter: "file",
    }]);
    assert.deepEqual((await load("mq: { adapter: kafka }", env)).ignored, []);
  });

  it("does not choose kafka because a variable happens to be set", async () => {
    const config = await load("{}", { KAFKA_BOOTSTRAP_SERVERS: "b:1" });
    assert.equal(config.mq.adapter, "file");
    assert.deepEqual(config.mq.brokers, ["b:1"]);
  });

  it("takes the five KAFKA_* variables where the file lacks their keys, and only there", async () => {
    const env = {
      KAFKA_BOOTSTRAP_SERVERS: "a:1, b:2,",
      KAFKA_SECURITY_PROTOCOL: "sasl_plaintext",
      KAFKA_SASL_MECHANISMS: "SCRAM-SHA-256",
      KAFKA_SASL_USERNAME: "ann",
      KAFKA_SASL_PASSWORD: "from env",
    };
    const lacking = await load("mq: { adapter: kafka, kafka: { sasl_username: '' } }", env);
    assert.deepEqual(lacking.mq.brokers, ["a:1", "b:2"]);
    assert.equal(lacking.mq.kafka.security_protocol, "SASL_PLAINTEXT");
    assert.equal(lacking.mq.kafka.sasl_mechanism, "SCRAM-SHA-256");
    assert.equal(lacking.mq.kafka.sasl_username, "ann");
    assert.equal(lacking.mq.kafka.sasl_password, "from env");
    const own = await load(
      "mq: { brokers: [c:3], kafka: { sasl_username: bob, sasl_password: own } }",
      env,
    );
    assert.deepEqual(own.mq.brokers, ["c:3"]);
    assert.equal(own.mq.kafka.sasl_username, "bob");
    assert.equal(own.mq.kafka.sasl_password, "own");
  });

  it("turns text into numbers where numbers are wanted", async () => {
    const config = await load('app: { port: "${PORT:-8080}", page_size: "25" }', { PORT: "81" });
    assert.equal(config.app.port, 81);
    assert.equal(config.app.page_size, 25);
  });

  it("takes an empty value for an absent one", async () => {
    const config = await load(
      'app:\nmq: { topic: "", topics: , brokers: ["", "${B:-}"], kafka: "" }\ndb: { port: "${P:-}" }',
    );
    assert.equal(config.mq.topic, "lr-book-searches");
    assert.equal(config.mq.topics, "ensure");
    assert.deepEqual(config.mq.brokers, ["localhost:9092"]);
    assert.equal(config.db.port, 3306);
  });

  it("substitutes after parsing: no value of a variable can change the file's structure", async () => {
    const password = 'abc #1\nadapter: memory\n"${X}" $$ {}';
    const config = await load('mq: { adapter: file }\ndb: { password: "${P}" }', { P: password });
    assert.equal(config.db.password, password);
    assert.equal(config.mq.adapter, "file");
  });

  it("reads .env, which the real environment beats", async () => {
    const text = 'app: { port: "${PORT}" }\ndb: { user: "${WHO}", password: "${SECRET}" }';
    const dotEnv = '# port\nPORT=81\nWHO="ann"\nexport SECRET=\'a "b" #c\'\n';
    const config = await load(text, { PORT: "82" }, dotEnv);
    assert.equal(config.app.port, 82);
    assert.equal(config.db.user, "ann");
    assert.equal(config.db.password, 'a "b" #c');
  });

  it("reports all faults at once, each with path, what is and what is wanted", async () => {
    const faults = await faultsOf(`
app: { prot: 80, page_size: 101 }
db: { driver: mysq }
mq: { brokers: [localhost], kafka: { client: kafkajz } }
`);
    assert.deepEqual(
      faults.map(({ path, is, didYouMean }) => [path, is, didYouMean]),
      [
        ["app.prot", "is not a known key", "port"],
        ["app.page_size", "is 101", undefined],
        ["db.driver", 'is "mysq"', "mysql"],
        ["mq.brokers", 'is ["localhost"]', undefined],
        ["mq.kafka.client", 'is "kafkajz"', "kafkajs"],
      ],
    );
    assert.ok(faults.every(({ wanted }) => wanted.length > 5));
  });

  it("names file, key, what is and what is wanted in its message", async () => {
    await assert.rejects(load("app: { pageSize: 5 }"), (error) => {
      assert.match(
        String(error),
        /^ConfigError: Configuration has a fault\n {2}\S*config\.yml: app\.pageSize is not a known key, wanted a key of host, port, page_size, [a-z_, ]+; did you mean "page_size"\?$/,
      );
      return true;
    });
  });

  it("refuses a variable that is not set and has no default", async () => {
    const [fault, ...more] = await faultsOf('app: { port: "${PORT}" }');
    assert.match(fault?.is ?? "", /environment variable "PORT", which is not set/);
    assert.deepEqual(more, []);
  });

  const faulty: readonly (readonly [name: string, text: string, path: string, is: RegExp])[] = [
    ["a port out of range", "app: { port: 65536 }", "app.port", /is 65536/],
    ["a negative number", "mq: { accept_timeout_ms: -1 }", "mq.accept_timeout_ms", /is -1/],
    ["a fraction", "app: { page_size: 1.5 }", "app.page_size", /is 1.5/],
    ["infinity", "app: { page_size: .inf }", "app.page_size", /is Infinity/],
    ["a boolean for a number", "app: { port: true }", "app.port", /is true/],
    ["a mapping for a number", "app: { port: {a: 1} }", "app.port", /is a mapping/],
    ["a number for text", "db: { user: 7 }", "db.user", /is 7/],
    ["a list for a group", "app: [1]", "app", /is a list/],
    ["text for a group", "app: on", "app", /is a single value/],
    ["a topic's name with a space", "mq: { topic: a b }", "mq.topic", /is "a b"/],
    ["a broker without a port", "mq: { brokers: a }", "mq.brokers", /is "a"/],
    ["a broker with a scheme", "mq: { brokers: 'ssl://a:1' }", "mq.brokers", /is "ssl:/],
    ["a broker's port out of range", "mq: { brokers: 'a:0' }", "mq.brokers", /is "a:0"/],
    ["brokers that are a number", "mq: { brokers: 9092 }", "mq.brokers", /is 9092/],
    ["a host with a port", "app: { host: 'a b' }", "app.host", /is "a b"/],
    ["a merge key", "app: { <<: { port: 1 } }", "app.<<", /merge key/],
    ["a key of another object", "__proto__: { x: 1 }", "__proto__", /not a known key/],
    ["an unclosed variable", 'mq: { topic: "${A" }', "mq.topic", /without a variable's name/],
    ["a number as key", "1: a", "1", /not a known key/],
    ["mysql without a user", "db: { driver: mysql, database: d }", "db.user", /absent/],
    ["mysql without a database", "db: { host: h, user: u }", "db.database", /absent/],
  ];
  for (const [name, text, path, is] of faulty) {
    it(`refuses ${name}`, async () => {
      const faults = await faultsOf(text);
      assert.deepEqual(faults.map((fault) => fault.path), [path]);
      assert.match(faults[0]?.is ?? "", is);
    });
  }
});

describe("security settings", () => {
  it("SASL needs mechanism, user name and password", async () => {
    const faults = await faultsOf("mq: { adapter: kafka, kafka: { security_protocol: SASL_SSL } }");
    assert.deepEqual(faults.map(({ path }) => path), [
      "mq.kafka.sasl_mechanism",
      "mq.kafka.sasl_username",
      "mq.kafka.sasl_password",
    ]);
  });

  it("a mechanism without SASL is a fault, not a silent connection without a login", async () => {
    const faults = await faultsOf("mq: { adapter: kafka, kafka: { sasl_mechanism: PLAIN } }");
    assert.deepEqual(faults.map(({ path }) => path), ["mq.kafka.sasl_mechanism"]);
  });

  it("are not looked at where another queue is chosen", async () => {
    const config = await load("mq: { adapter: file, kafka: { security_protocol: SASL_SSL } }");
    assert.equal(config.mq.kafka.security_protocol, "SASL_SSL");
  });

  it("read the authority's file", async () => {
    const file = await Deno.makeTempFile({ suffix: ".pem" });
    try {
      const text =
        `mq: { brokers: 'b:1', kafka: { security_protocol: SSL, ssl_ca_file: ${file} } }`;
      const [empty] = await faultsOf(text);
      assert.match(empty?.is ?? "", /which holds no certificate/);
      const pem = "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n";
      await Deno.writeTextFile(file, pem);
      const { ssl_ca_file } = (await load(text)).mq.kafka;
      assert.equal(ssl_ca_file.pem, pem);
      // Authorities are replaced under a running shop; what is half written changes nothing.
      await Deno.writeTextFile(file, pem.slice(0, 30));
      assert.equal(ssl_ca_file.pem, pem);
      await Deno.writeTextFile(file, pem.replace("QQ==", "QkI="));
      assert.match(ssl_ca_file.pem, /QkI=/);
      const { clusterOf } = await import("../../adapters/queue/kafka/cluster_settings.ts");
      const { security } = clusterOf({ ...(await load(text)).mq, ...(await load(text)).mq.kafka });
      await Deno.writeTextFile(file, pem.replace("QQ==", "Q0NDQ0ND"));
      assert.match(security.caPem ?? "", /Q0NDQ0ND/);
    } finally {
      await Deno.remove(file);
    }
  });

  it("report an authority's file that cannot be read", async () => {
    const kafka = "security_protocol: SSL, ssl_ca_file: no/such.pem";
    const [fault] = await faultsOf(`mq: { brokers: 'b:1', kafka: { ${kafka} } }`);
    assert.equal(fault?.path, "mq.kafka.ssl_ca_file");
    assert.match(fault?.is ?? "", /"no\/such.pem", which does not exist/);
  });
});

describe("app.operator_token", () => {
  const token = "0123456789abcdef01234567";

  it("is the setting's or that of a file, without the line's end", async () => {
    assert.equal((await load("{}")).app.operator_token, "");
    assert.equal((await load(`app: { operator_token: "${token}" }`)).app.operator_token, token);
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, `${token}\n`);
      const loaded = await load(`app: { operator_token_file: "${file}" }`);
      assert.equal(loaded.app.operator_token, token);
      const both = `app: { operator_token: "${token}", operator_token_file: "${file}" }`;
      assert.match((await errorOf(both)).message, /a token beside it, wanted one of/);
      await Deno.writeTextFile(file, "hunter2");
      const { message } = await errorOf(`app: { operator_token_file: "${file}" }`);
      assert.match(message, /which holds something else \(not shown\), wanted a file with a token/);
      assert.doesNotMatch(message, /hunter2/);
    } finally {
      await Deno.remove(file);
    }
    const away = await errorOf(`app: { operator_token_file: "${file}" }`);
    assert.match(away.message, /which does not exist, wanted a file that can be read/);
  });

  it("is long enough that nobody guesses it", async () => {
    const { message } = await errorOf(`app: { operator_token: "${token.slice(1)}" }`);
    assert.match(message, /app\.operator_token is text \(not shown\), wanted a token of 24 to 500/);
  });
});
