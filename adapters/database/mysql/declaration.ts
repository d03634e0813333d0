/** What the program knows of MySQL and MariaDB; loads no client. */
import type { SettingFault } from "../../../src/ports/adapter_declaration.ts";
import { isLoopback } from "../../../src/domain/loopback.ts";
import { declareDatabase } from "../../../src/ports/database_declaration.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import { connectsTo, hostAndPort, readsEnvironment } from "../../../src/ports/needed_permission.ts";
import {
  type CertificateFile,
  certificates,
  host,
  oneOf,
  publicKey,
  secret,
  text,
  wholeNumber,
} from "../../../src/ports/setting.ts";

export const mysqlDatabase = declareDatabase({
  section: {},
  beside: {
    host: host("127.0.0.1"),
    port: wholeNumber(1, 65535, 3306),
    user: text(),
    password: secret(),
    database: text(64),
    pool_size: wholeNumber(1, 1_000, 10, "connections"),
    ssl: oneOf(["off", "on"], "off"),
    ssl_ca_file: certificates(),
    public_key_file: publicKey(),
  },
  chosenBy: "host",
  *findFaults(values): Generator<SettingFault> {
    for (const key of ["user", "database"] as const) {
      if (values[key] !== "") continue;
      yield { key, is: "is absent", wanted: 'text where db.driver is "mysql"' };
    }
    if (values.ssl === "off" && values.ssl_ca_file.path !== "") {
      yield { key: "ssl_ca_file", is: "names a file", wanted: 'nothing where db.ssl is "off"' };
    }
    if (values.ssl === "on" && values.public_key_file.path !== "") {
      yield { key: "public_key_file", is: "names a file", wanted: 'nothing where db.ssl is "on"' };
    }
  },
  *cautions({ host, password, ssl, public_key_file }) {
    if (ssl === "on" || password === "" || isLoopback(host)) return;
    if (public_key_file.path !== "") return;
    yield `db.password goes to "${host}" without TLS, where who listens or stands in for the ` +
      "server gets it, wanted db.ssl: on, and a db.ssl_ca_file where the authority is your own " +
      "(or the server's key in db.public_key_file)";
  },
  permissions: ({ host, port }) => [connectsTo("host", hostAndPort(host, port)), readsEnvironment],
  async open(values, options) {
    const { openMysqlCatalogue }: typeof import("./mysql_catalogue.ts") = await import(
      import.meta.resolve("./mysql_catalogue.ts")
    );
    return await openMysqlCatalogue({
      ...options,
      ...values,
      ...encryption(values),
      poolSize: values.pool_size,
    });
  },
  backup: {
    advice: ({ host, port, user, database }) =>
      "The database is its server's to copy, by its own tools: " +
      `mariadb-dump --single-transaction --host=${host} --port=${port} --user=${user} --password ${database} > shelf.sql`,
  },
  readModels: {
    async open(values, options) {
      const { openMysqlReadModels }: typeof import("./mysql_read_models.ts") = await import(
        import.meta.resolve("./mysql_read_models.ts")
      );
      return await openMysqlReadModels({ ...values, ...encryption(values) }, options);
    },
    probe: (values) => ({
      name: "read models",
      async run() {
        const { probeMysqlModels }: typeof import("./mysql_read_models.ts") = await import(
          import.meta.resolve("./mysql_read_models.ts")
        );
        return await probeMysqlModels({ ...values, ...encryption(values) }, systemClock);
      },
    }),
  },
  probe: (values) => ({
    name: "database",
    async run() {
      const { probeMysql }: typeof import("./probe_mysql.ts") = await import(
        import.meta.resolve("./probe_mysql.ts")
      );
      return await probeMysql({ ...values, ...encryption(values) });
    },
  }),
});

interface Encryption {
  readonly ssl: "off" | "on";
  readonly ssl_ca_file: CertificateFile;
  readonly public_key_file: CertificateFile;
}

/** Asked for its authority, or key, with each connection: that may have been replaced. */
function encryption({ ssl, ssl_ca_file, public_key_file }: Encryption): {
  readonly ssl: { readonly ca?: string } | undefined;
  readonly publicKey: CertificateFile | undefined;
} {
  if (ssl === "off") {
    return { ssl: undefined, publicKey: public_key_file.path === "" ? undefined : public_key_file };
  }
  if (ssl_ca_file.path === "") return { ssl: {}, publicKey: undefined };
  const authority = {
    get ca() {
      return ssl_ca_file.pem;
    },
  };
  return { ssl: authority, publicKey: undefined };
}
