/** Loads the configuration: the file, the environment, defaults, and what adapters declare. */
import { checkValues } from "./checked_values.ts";
import { readCertificates } from "./certificates.ts";
import { chooseByKey, chosenAdapter, inconsistencies, nameKeys } from "./chosen_adapter.ts";
import { ConfigError, type ConfigFault } from "./config_error.ts";
import { readDotEnv } from "./dot_env.ts";
import { type Environment, lookUpIn } from "./environment.ts";
import {
  addEnvironmentDefaults,
  type EnvironmentDefault,
  environmentDefaults,
} from "./environment_defaults.ts";
import { effectiveToken } from "./operator_token.ts";
import { readYaml } from "./read_yaml.ts";
import type { RegisteredAdapters } from "./registered_adapters.ts";
import { type ConfigOf, configSchema, type IgnoredVariable } from "./schema.ts";
import { schemaKeys, schemaTree } from "./schema_keys.ts";
import { settingsOf } from "./settings_tree.ts";

export interface LoadConfigOptions<Adapters extends RegisteredAdapters> {
  /** The YAML file, as it shall be named in errors. */
  readonly file: string;
  /** The real environment. It beats `.env`. */
  readonly env: Environment;
  /** Default: `.env` in the working directory. That it does not exist is no fault. */
  readonly envFile?: string;
  /** What can be chosen. */
  readonly adapters: Adapters;
}

/**
 * Reads the configuration: the file's values with variables filled in, else the variables that
 * adapters declare, else defaults.
 *
 * A file may leave out `db.driver` and `mq.adapter` where it has a key that means an adapter:
 * `db.host` mysql, `mq.brokers` kafka. What only the environment says does not count for that: a
 * variable that happens to be set must not send events elsewhere.
 *
 * @throws {ConfigError} With all faults at once.
 */
export async function loadConfig<const Adapters extends RegisteredAdapters>(
  options: LoadConfigOptions<Adapters>,
): Promise<ConfigOf<Adapters>> {
  const { file, env, envFile = ".env", adapters } = options;
  const { databases, queues } = adapters;
  const dotEnv = await readDotEnv(envFile);
  const faults: ConfigFault[] = "variables" in dotEnv ? [] : [dotEnv];
  const variables = lookUpIn(env, "variables" in dotEnv ? dotEnv.variables : {});
  const lookup = variables.of;

  const yaml = await readYaml(file);
  if (!("mapping" in yaml)) throw new ConfigError([...faults, yaml]);

  const schema = configSchema(adapters);
  const tree = schemaTree(schema);
  const settings = settingsOf(file, yaml.mapping, tree, lookup);
  chooseByKey(settings, "db", databases);
  chooseByKey(settings, "mq", queues);
  const defaults = environmentDefaults(adapters);
  const named = new Set(variables.asked);
  addEnvironmentDefaults(settings, defaults, lookup);

  const { config, faults: badValues } = checkValues(file, settings, schema, schemaKeys(tree));
  faults.push(...settings.faults, ...badValues);
  const known = new Set(faults.map((fault) => fault.path));
  const chosen = [
    chosenAdapter("db", config.db.driver, databases, config.db),
    chosenAdapter("mq", config.mq.adapter, queues, config.mq),
  ].filter((adapter) => adapter !== undefined);
  const isChosen = ({ group, adapter }: EnvironmentDefault): boolean =>
    chosen.some((c) => c.group === group && c.name === adapter);
  for (const other of defaults) if (isChosen(other)) named.add(other.variable);
  faults.push(
    ...[...variables.refused].filter((name) => named.has(name)).map((name) => refusal(file, name)),
  );
  faults.push(
    ...chosen.flatMap((adapter) => inconsistencies(file, adapter))
      .filter(({ path }) => !known.has(path)),
  );
  const certificates = await Promise.all(
    chosen.map((adapter) => readCertificates(file, settings, adapter)),
  );
  faults.push(...certificates.flatMap((found) => found.faults));
  const token = await effectiveToken(file, settings, config.app);
  if (typeof token === "object") faults.push(token);
  if (faults.length > 0 || typeof token === "object") throw new ConfigError(faults);

  const ignored = defaults
    .filter((each) => !isChosen(each))
    .filter(({ variable }) => (lookup(variable) ?? "") !== "")
    .map(({ variable, group }): IgnoredVariable => {
      const name = chosen.find((adapter) => adapter.group === group)?.name ?? "";
      return { variable, key: nameKeys[group], adapter: name };
    });
  const read = certificates.flatMap((found) => [...found.read]);
  const complete = read.reduce<object>(
    (all, [path, value]) => withValue(all, path.split("."), value),
    {
      ...config,
      app: { ...config.app, operator_token: token },
      ignored,
      variables: [...named].filter(Boolean),
    },
  );
  // What the schema, which is made of the same declarations, has let through has these types; no
  // inference follows that.
  return complete as ConfigOf<Adapters>;
}

/** @param name Empty: it must not be seen. */
function refusal(file: string, name: string): ConfigFault {
  const variable = name === "" ? "an environment variable" : `the environment variable "${name}"`;
  const flag = name === "" ? "--allow-env" : `--allow-env=${name}`;
  return {
    file,
    path: "",
    is: `takes ${variable}, which this process may not read`,
    wanted: `the flag ${flag} (of deno run, before src/…; of a task, in deno.json)`,
  };
}

/** A copy that has that value at the path. */
function withValue(tree: object, [name = "", ...rest]: readonly string[], value: object): object {
  const inner: object = rest.length === 0
    ? value
    : withValue(Object(Reflect.get(tree, name)), rest, value);
  return { ...tree, [name]: inner };
}
