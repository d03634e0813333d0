import { describe, it } from "@std/testing/bdd";
import { protocolErrorsCodesById } from "@platformatic/kafka";
import assert from "node:assert/strict";
import { KafkaProtocolError } from "../../../adapters/queue/kafka/wire/protocol_error.ts";
import { adviseOn } from "../../../adapters/queue/kafka/driver/advice.ts";
import { protocolCode } from "../../../adapters/queue/kafka/driver/protocol_codes.ts";

/** Of Kafka 4.3; -1 and these are all that a broker of today answers with. */
const last = 133;

describe("the codes of Kafka's protocol", () => {
  it("have the names that the protocol gives them", () => {
    for (const [code, name] of Object.entries(protocolErrorsCodesById)) {
      if (code !== "0") assert.equal(protocolCode(Number(code)).name, name, code);
    }
  });

  it("are told by name, each with what to do, and never with a look at all logs", () => {
    for (let code = -1; code <= last; code++) {
      if (code === 0) continue;
      const { name, fault } = protocolCode(code);
      const { detail } = adviseOn(new KafkaProtocolError(code, "Api"), fault, "do it");
      assert.match(name, /^[A-Z_]+$/, `${code}`);
      const start = `Could not do it (error code ${code}, ${name}): `;
      assert.ok(detail.startsWith(start), detail);
      assert.ok(detail.length > start.length + 20, detail);
      assert.doesNotMatch(detail, /see the brokers' logs|nobody has thought/);
    }
  });

  it("that come after those of today are told as such", () => {
    const { detail } = adviseOn(new KafkaProtocolError(4711, "Api"), "unknown", "do it");
    assert.match(detail, /error code 4711, .*look 4711 up in/);
  });
});
