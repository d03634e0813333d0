import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { isLoopback } from "./loopback.ts";

describe("a loopback address", () => {
  it("is of 127.0.0.0/8, ::1, or localhost", () => {
    for (const own of ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"]) {
      assert.ok(isLoopback(own), own);
    }
  });

  it("is no other, however it is dressed", () => {
    const others = [
      "0.0.0.0",
      "::",
      "10.0.0.1",
      "128.0.0.1",
      "127.0.0.1.evil.example",
      "127.evil.example",
      "localhost.evil.example",
      "::ffff:10.0.0.1",
      "",
    ];
    for (const other of others) assert.ok(!isLoopback(other), other);
  });
});
