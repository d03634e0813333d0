import { checkValues } from "./checked_values.ts";
import { ConfigError, type ConfigFault } from "./config_error.ts";
import { inconsistencies } from "./consistency.ts";
import { describeValue } from "./describe_value.ts";
import { readDotEnv } from "./dot_env.ts";
import { addEnvironmentDefaults } from "./environment_defaults.ts";
import { readText } from "./read_text.ts";
import { readYaml } from "./read_yaml.ts";
import type { Config } from "./schema.ts";
import { type Settings, settingsOf } from "./settings_tree.ts";

export interface LoadConfigOptions {
  /** The YAML file, as it shall be named in errors. */
  readonly file: string;
  /** The real environment. It beats `.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: `.env` in the working directory. That it does not exist is no fault. */
  readonly envFile?: string;
}

/**
 * Reads the configuration: the file's values with variables filled in, else the five `KAFKA_*` variables, else defaults.
 *
 * A file may leave out `db.driver` and `mq.adapter`: `db.host` then means mysql, `mq.brokers` kafka. What only the environment
 * says does not count for that: a variable that happens to be set must not send events elsewhere.
 *
 * @throws {ConfigError} With all faults at once.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<Config> {
  const { file, env, envFile = ".env" } = options;
  const dotEnv = await readDotEnv(envFile);
  const faults: ConfigFault[] = "variables" in dotEnv ? [] : [dotEnv];
  const variables = "variables" in dotEnv ? dotEnv.variables : {};
  const lookup = (name: string): string | undefined => own(env, name) ?? own(variables, name);

  const yaml = await readYaml(file);
  if (!("mapping" in yaml)) throw new ConfigError([...faults, yaml]);

  const settings = settingsOf(file, yaml.mapping, lookup);
  const { values } = settings;
  if (!values.has("db.driver") && values.has("db.host")) values.set("db.driver", "mysql");
  if (!values.has("mq.adapter") && values.has("mq.brokers")) values.set("mq.adapter", "kafka");
  addEnvironmentDefaults(settings, lookup);

  const checked = checkValues(file, settings);
  faults.push(...settings.faults, ...checked.faults);
  const known = new Set(faults.map((fault) => fault.path));
  faults.push(...inconsistencies(file, checked.config).filter(({ path }) => !known.has(path)));

  const { config } = checked;
  const authority = await readAuthority(file, settings, config);
  if (typeof authority !== "string") faults.push(authority);
  if (faults.length > 0 || typeof authority !== "string") throw new ConfigError(faults);
  const kafka = { ...config.mq.kafka, ssl_ca_pem: authority };
  return { ...config, mq: { ...config.mq, kafka } };
}

/** The certificates that `mq.kafka.ssl_ca_file` names; `""` where it names none or is not used. */
async function readAuthority(
  file: string,
  { values, origins }: Settings,
  { mq }: ReturnType<typeof checkValues>["config"],
): Promise<string | ConfigFault> {
  const { ssl_ca_file: authorityFile } = mq.kafka;
  if (mq.adapter !== "kafka" || authorityFile === "") return "";
  const path = "mq.kafka.ssl_ca_file";
  const given = describeValue(path, values.get(path), origins.get(path));
  const read = await readText(authorityFile, 1024 * 1024);
  if (!("text" in read)) {
    // A flag that names the file would show what the environment holds.
    const wanted = origins.has(path) ? "a file that can be read" : read.wanted;
    return { file, path, is: `${given}, which ${read.is}`, wanted };
  }
  if (/-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]+-----END/.test(read.text)) return read.text;
  const wanted = "a PEM file with one certificate or several";
  return { file, path, is: `${given}, which holds no certificate`, wanted };
}

const own = (variables: LoadConfigOptions["env"], name: string): string | undefined =>
  Object.hasOwn(variables, name) ? variables[name] : undefined;
