import type { KafkaSettings } from "./declaration.ts";
import type { KafkaSecurity } from "./driver/driver.ts";

/** Which brokers, and how they are spoken to. */
export function clusterOf(values: KafkaSettings) {
  return { brokers: values.brokers, client: values.client, security: securityOf(values) };
}

/** Absent text is "" in the configuration, and absent for the log. */
function securityOf(values: KafkaSettings): KafkaSecurity {
  const { security_protocol, sasl_mechanism, sasl_username, sasl_password, ssl_ca_file } = values;
  const given = {
    protocol: security_protocol,
    ...(sasl_mechanism !== "" && {
      mechanism: sasl_mechanism,
      username: sasl_username,
      password: sasl_password,
    }),
  };
  if (ssl_ca_file.path === "") return given;
  return {
    ...given,
    get caPem() {
      return ssl_ca_file.pem;
    },
  };
}
