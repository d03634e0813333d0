import type { ConfigFault } from "./config_error.ts";
import type { Config } from "./schema.ts";

type Checked = Pick<Config, "db"> & {
  readonly mq: Omit<Config["mq"], "kafka"> & {
    readonly kafka: Omit<Config["mq"]["kafka"], "ssl_ca_pem">;
  };
};

/**
 * What single values cannot show: keys that need each other. Only what the chosen driver and adapter use is looked at.
 */
export function inconsistencies(file: string, config: Checked): ConfigFault[] {
  const faults = [
    ...database(config),
    ...security(config),
  ];
  return faults.map((fault) => ({ file, ...fault }));
}

type Finding = Omit<ConfigFault, "file">;

function* database({ db }: Checked): Generator<Finding> {
  if (db.driver !== "mysql") return;
  for (const key of ["user", "database"] as const) {
    if (db[key] === "") {
      yield { path: `db.${key}`, is: "is absent", wanted: 'text where db.driver is "mysql"' };
    }
  }
}

function* security({ mq: { adapter, kafka } }: Checked): Generator<Finding> {
  if (adapter !== "kafka") return;
  const protocol = kafka.security_protocol;
  const because = `where mq.kafka.security_protocol is "${protocol}"`;
  const sasl = protocol.startsWith("SASL_");
  for (const key of ["sasl_mechanism", "sasl_username", "sasl_password"] as const) {
    if (sasl && kafka[key] === "") {
      const wanted = key === "sasl_mechanism" ? "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512" : "text";
      yield { path: `mq.kafka.${key}`, is: "is absent", wanted: `${wanted} ${because}` };
    }
  }
  if (!sasl && kafka.sasl_mechanism !== "") {
    // Otherwise somebody who asked for a login would silently have none.
    yield {
      path: "mq.kafka.sasl_mechanism",
      is: `is "${kafka.sasl_mechanism}"`,
      wanted: `nothing ${because} (or a security_protocol of SASL_PLAINTEXT, SASL_SSL)`,
    };
  }
  if (!protocol.endsWith("SSL") && kafka.ssl_ca_file !== "") {
    yield {
      path: "mq.kafka.ssl_ca_file",
      is: "names a file",
      wanted: `nothing ${because} (or a security_protocol of SSL, SASL_SSL)`,
    };
  }
}
