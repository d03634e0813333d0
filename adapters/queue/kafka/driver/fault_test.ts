/** What a client's error means is told by codes, whatever wraps it. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { KafkaProtocolError } from "../wire/protocol_error.ts";
import { BrokerUnreachable, codeOf, faultOf, type KafkaFault, mayStandAfter } from "./fault.ts";

const names = { Lost: "connection", Password: "unauthorized" } as const;
const named = (name: string, cause?: unknown): Error =>
  Object.assign(new Error(name, { cause }), { name });

describe("kafka faults", () => {
  const table: readonly (readonly [number, KafkaFault])[] = [
    [3, "stale_metadata"],
    [5, "stale_metadata"],
    [6, "stale_metadata"],
    [7, "unconfirmed"],
    [10, "too_large"],
    [18, "too_large"],
    [19, "not_now"],
    [20, "unconfirmed"],
    [22, "rejoin"],
    [25, "unknown_member"],
    [27, "rejoin"],
    [29, "unauthorized"],
    [32, "invalid_timestamp"],
    [45, "producer_fatal"],
    [56, "not_now"],
    [58, "unauthorized"],
    [87, "invalid_record"],
    [4711, "unknown"],
  ];
  it("are told by the protocol's code numbers", () => {
    for (const [code, fault] of table) {
      assert.equal(faultOf(new KafkaProtocolError(code, "Produce"), names), fault, `${code}`);
    }
  });

  it("are the record's own for three codes only, whatever brokers come to answer", () => {
    const own: number[] = [];
    for (let code = -1; code < 200; code++) {
      const told = codeOf(faultOf(new KafkaProtocolError(code, "Produce"), names));
      if (told === "too_large" || told === "invalid_record") own.push(code);
    }
    assert.deepEqual(own, [10, 18, 87]);
  });

  it("leave it open whether a record stands, unless nothing was sent or the broker says that it does not", () => {
    const open = ["connection", "timeout", "unconfirmed", "producer_fatal", "unknown"] as const;
    for (const fault of open) assert.equal(mayStandAfter(fault), true, fault);
    const certain = [
      "unreachable",
      "stale_metadata",
      "not_now",
      "too_large",
      "unauthorized",
    ] as const;
    for (const fault of certain) assert.equal(mayStandAfter(fault), false, fault);
  });

  it("are found behind whatever wraps them", () => {
    const wrapped = named("NumberOfRetriesExceeded", named("Lost"));
    assert.equal(faultOf(wrapped, names), "connection");
    const cause = named("Wrapped", new KafkaProtocolError(58, "SaslAuthenticate"));
    assert.equal(faultOf(new BrokerUnreachable("away", { cause }), names), "unauthorized");
    assert.equal(
      faultOf(new BrokerUnreachable("away", { cause: named("Lost") }), names),
      "unreachable",
    );
    const password = new BrokerUnreachable("away", { cause: named("Password") });
    assert.equal(faultOf(password, names), "unauthorized");
  });

  it("are unknown where nobody knows them: retried, and never the record's fault", () => {
    for (const error of [new Error("new"), "text", undefined, null, named("Novel", 7)]) {
      assert.equal(faultOf(error, names), "unknown");
    }
    assert.equal(codeOf("unknown"), "unavailable");
    assert.equal(mayStandAfter("unknown"), true);
  });

  it("do not hang on a cause that is its own cause", () => {
    const error: Error & { cause?: unknown } = new Error("loop");
    error.cause = error;
    assert.equal(faultOf(error, names), "unknown");
  });
});
