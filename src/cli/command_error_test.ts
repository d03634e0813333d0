import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { QueueError, type QueueErrorCode, queueErrorCodes } from "../ports/queue_error.ts";
import { explainError } from "./command_error.ts";

describe("what a command says of a queue's error", () => {
  it("speaks of no queue in particular: what to do there, the queue itself has said", () => {
    for (const code of Object.keys(queueErrorCodes) as QueueErrorCode[]) {
      const said = explainError(new QueueError(code, "Directory is not writable"));
      assert.match(said, /^Directory is not writable/);
      assert.doesNotMatch(said, /kafka|password|log in/i, code);
    }
  });
});
