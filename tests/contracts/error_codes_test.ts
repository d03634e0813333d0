/**
 * K1: every code of the closed set is produced, by an adapter, in a test. A new code without one
 * does not compile.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type QueueErrorCode, queueErrorCodes } from "../../src/ports/queue_error.ts";

interface Produced {
  /** The file, from `tests/`, in which an adapter is made to reject with the code. */
  readonly by: string;
}

const producers: Record<QueueErrorCode, Produced | { readonly notYet: string }> = {
  unavailable: { by: "adapters/file_log/processes_test.ts" },
  timeout: { by: "adapters/kafka/silent_broker_test.ts" },
  unknown_topic: { by: "contracts/laws/errors.ts" },
  unknown_group: { by: "contracts/laws/group_positions.ts" },
  too_large: { by: "contracts/laws/errors.ts" },
  invalid_record: { by: "contracts/laws/errors.ts" },
  full: { by: "adapters/file_log/disk_faults_test.ts" },
  unauthorized: { by: "adapters/kafka/sasl_test.ts" },
  corrupt: { by: "adapters/file_log/damage_test.ts" },
  closed: { by: "contracts/laws/shutdown.ts" },
  aborted: { by: "contracts/laws/errors.ts" },
  group_active: { by: "contracts/laws/group_positions.ts" },
  revoked: { by: "contracts/laws/groups.ts" },
  outcome_unknown: { by: "adapters/file_log/disk_faults_test.ts" },
  unsupported: { by: "contracts/laws/starts.ts" },
};

describe("error codes", () => {
  for (const code of Object.keys(queueErrorCodes) as QueueErrorCode[]) {
    const producer = producers[code];
    if ("notYet" in producer) {
      console.log(`not registered: error code ${code} (${producer.notYet})`);
      continue;
    }
    it(`K1 ${code} is produced in ${producer.by}`, async () => {
      const source = await Deno.readTextFile(new URL(`../${producer.by}`, import.meta.url));
      assert.ok(source.includes(`"${code}"`), `${producer.by} does not name the code`);
    });
  }
});
