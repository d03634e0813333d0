import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { KafkaProtocolError } from "../wire/protocol_error.ts";
import { adviseOn } from "./advice.ts";
import { BrokerUnreachable, type KafkaFault } from "./fault.ts";
import { tellOf } from "./reporter.ts";

/** An error as sockets and TLS make it, behind the driver's own. */
function behind(code: string): BrokerUnreachable {
  const cause = Object.assign(new Error("the client's own words"), { code });
  return new BrokerUnreachable('Broker "b:9092" cannot be reached', { cause });
}

const advice = (error: Error, fault: KafkaFault): string =>
  adviseOn(error, fault, 'look at topic "t"').detail;

describe("advice on Kafka's faults", () => {
  const sockets: readonly (readonly [code: string, says: RegExp])[] = [
    ["ECONNREFUSED", /nothing listens there; start the broker, or mend mq\.brokers/],
    ["ENOTFOUND", /its name is not known here; mend mq\.brokers/],
    ["EAI_AGAIN", /its name is not known here/],
    ["SELF_SIGNED_CERT_IN_CHAIN", /not trusted; set mq\.kafka\.ssl_ca_file/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /not trusted; set mq\.kafka\.ssl_ca_file/],
    ["CERT_HAS_EXPIRED", /not valid at this time; renew it/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /for another host/],
    ["EPROTO", /TLS failed; .*security_protocol/],
    ["ECONNRESET", /ends connections; .*security_protocol/],
    ["EHOSTUNREACH", /network/],
  ];
  for (const [code, says] of sockets) {
    it(`${code}: names the broker and what to do, in no client's words`, () => {
      const detail = advice(behind(code), "unreachable");
      assert.ok(detail.startsWith(`Broker "b:9092" cannot be reached (${code}): `), detail);
      assert.match(detail, says);
      assert.doesNotMatch(detail, /own words/);
    });
  }

  const refusals: readonly (readonly [code: number, fault: KafkaFault, says: RegExp])[] = [
    [29, "unauthorized", /grant it Describe and Write on the topic .*Create/],
    [33, "unauthorized", /mq\.kafka\.sasl_mechanism/],
    [38, "unknown", /fewer brokers than replicas wanted/],
    [58, "unauthorized", /mq\.kafka\.sasl_password/],
    [10, "too_large", /halved.* alone is given up; raise max\.message\.bytes/],
    [32, "invalid_timestamp", /look at both clocks/],
    [87, "invalid_record", /given up alone/],
    [19, "not_now", /too few replicas in sync/],
    [17, "unknown", /differs from that of another topic only in \. and _ \(a\.b beside a_b\)/],
    [23, "other_members", /other programs are in the group.*give them another group/],
    [34, "not_now", /connections\.max\.reauth\.ms/],
    [-1, "unknown", /a reason of its own, which its server\.log tells/],
  ];
  for (const [code, fault, says] of refusals) {
    it(`error code ${code}: says what was tried and what to do`, () => {
      const detail = advice(new KafkaProtocolError(code, "Api"), fault);
      assert.ok(detail.startsWith(`Could not look at topic "t" (error code ${code}, `), detail);
      assert.match(detail, says);
    });
  }

  it("a stack stands in a log line only where nobody has thought of the error", () => {
    const error = behind("ECONNREFUSED");
    assert.equal(tellOf(error, "unreachable", "write").error, undefined);
    assert.equal(tellOf(error, "unknown", "write").error, error);
    const missing = new QueueError("unknown_topic", 'Topic "t" does not exist');
    const told = { reason: "unknown_topic", detail: missing.message };
    assert.deepEqual(tellOf(missing, "unknown", "write"), told);
  });

  it("a client's own code says nothing to operators", () => {
    const error = Object.assign(new Error("closed"), { code: "PLT_KFK_NETWORK" });
    const detail = advice(error, "connection");
    assert.match(detail, /^Could not look at topic "t": the broker ends connections/);
  });
});
