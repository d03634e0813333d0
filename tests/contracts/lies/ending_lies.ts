/** Logs that lie about what outlives their end. */
import { QueueError } from "../../../src/ports/queue_error.ts";
import { healthy } from "../../../src/ports/queue_health.ts";
import { text } from "../law.ts";
import { committing, type Distortion, giving, through } from "./distort.ts";
import type { Lie } from "./lie.ts";

const closing = "S3 after closing, publish()";
const invalid = "K1 a bad topic, key, value";
const never = new Promise<never>(() => {});

/** Forgets those of its newest records that `isLost` says, when it is closed. */
function losingAtClose(isLost: (subscriptions: number) => boolean): Distortion {
  let newest = -1n;
  let lost = -1n;
  let subscriptions = 0;
  return {
    async publish(honest, ...call) {
      const report = await honest(...call);
      newest = report.offset;
      return report;
    },
    subscribe(honest, topic, options) {
      subscriptions++;
      return giving((record) => record.offset === lost ? undefined : record)
        .subscribe!(honest, topic, options);
    },
    async close(honest) {
      await honest();
      // What was under way has its report by now.
      for (let turn = 0; turn < 9; turn++) await Promise.resolve();
      if (lost < 0n && isLost(subscriptions)) lost = newest;
    },
  };
}

/** Goes on after closing. */
function staysOpen(what: "publish" | "subscribe"): Distortion {
  let isClosed = false;
  return {
    [what]: (honest: (...call: unknown[]) => unknown, ...call: unknown[]) => {
      if (!isClosed) return honest(...call);
      if (what === "publish") {
        return Promise.resolve({ topic: "t", partition: 0, offset: 0n, timestamp: 0 });
      }
      return { ready: Promise.resolve(), async *[Symbol.asyncIterator]() {} };
    },
    close(honest) {
      isClosed = true;
      return honest();
    },
  };
}

const instead = (code: "unknown_topic" | "too_large", say: (error: QueueError) => unknown) =>
  ({
    publish: (honest, ...call) =>
      honest(...call).catch((error) => {
        if (error instanceof QueueError && error.code === code) throw say(error);
        throw error;
      }),
  }) satisfies Distortion;

const report = { topic: "t", partition: 0, offset: 0n, timestamp: 0 };

/** S1–S4, K1–K8: logs that lose on closing, never end, or say the wrong thing. */
export const endingLies: readonly Lie[] = [
  {
    lie: "loses its newest record on closing",
    law: "S1 closing right after publish()",
    says: /^missing: "v499"$/,
    told: () => losingAtClose(() => true),
  },
  {
    lie: "loses a record on closing while a subscription is open",
    law: "S1 closing under open subscriptions",
    says: /^missing: "v99"$/,
    told: () => losingAtClose((subscriptions) => subscriptions > 0),
  },
  {
    lie: "gives no report for what it holds when it is closed",
    law: "S1 closing right after publish()",
    says: /closing waits for what it holds/,
    told: () => ({
      publish: (honest, topic, record, options) =>
        text(record.value) === "v499"
          ? Promise.reject(new QueueError("closed", "Log is closed"))
          : honest(topic, record, options),
    }),
  },
  {
    lie: "fails on a second closing",
    law: "S3 closing twice",
    says: /already closed/,
    told: () => {
      let closings = 0;
      return {
        close: (honest) =>
          closings++ === 1 ? Promise.reject(new Error("The log is already closed")) : honest(),
      };
    },
  },
  {
    lie: "hangs on a second closing",
    law: "S3 closing twice",
    says: /closing took over/,
    isSilent: true,
    told: () => {
      let closings = 0;
      return { close: (honest) => closings++ === 1 ? never : honest() };
    },
  },
  {
    lie: "takes records after closing",
    law: closing,
    says: /^resolved with .*, wanted a "closed" error$/,
    told: () => staysOpen("publish"),
  },
  {
    lie: "is read after closing",
    law: closing,
    says: /^resolved with .*, wanted a "closed" error$/,
    told: () => staysOpen("subscribe"),
  },
  {
    lie: "takes commits after closing and forgets them",
    law: "S3 after closing, a commit is refused",
    says: /^a commit was taken after closing$/,
    told: () => committing((batch, at) => batch.commit(at).catch(() => {})),
  },
  {
    lie: "never settles what it holds when it is closed",
    law: "S4 closing works while reports are awaited",
    says: /settling took over/,
    isSilent: true,
    told: () => ({
      publish: (honest, topic, record, options) =>
        text(record.value) === "v7" ? never : honest(topic, record, options),
    }),
  },
  {
    lie: "does not close before a subscription is read",
    law: "S4 closing works while a subscription is not read",
    says: /closing took over/,
    isSilent: true,
    told: () => {
      let isUnread = false;
      return {
        subscribe(honest, topic, options) {
          isUnread = true;
          return honest(topic, options);
        },
        close: (honest) => isUnread ? never : honest(),
      };
    },
  },
  {
    lie: "ends a subscription that waits as if nothing were the matter, when it is closed",
    law: "S4 a subscription that waits ends with closed",
    says: /^resolved with .*, wanted a "closed" error$/,
    told: () => ({
      subscribe: (honest, topic, options) =>
        through(honest(topic, options), async function* (batches) {
          try {
            yield* batches;
          } catch {
            return;
          }
        }),
    }),
  },
  {
    lie: "takes what is no record",
    law: invalid,
    says: /^resolved with .*, wanted a "invalid_record" error$/,
    told: () => ({
      publish: (honest, ...call) => honest(...call).catch(() => report),
    }),
  },
  {
    lie: "throws where it should reject",
    law: invalid,
    says: /Value is string, wanted a Uint8Array/,
    told: () => ({
      publish(honest, topic, record, options) {
        if (!(record.value instanceof Uint8Array) && record.value !== null) {
          throw new QueueError(
            "invalid_record",
            `Value is ${typeof record.value}, wanted a Uint8Array`,
          );
        }
        return honest(topic, record, options);
      },
    }),
  },
  {
    lie: "rejects with errors of its own",
    law: invalid,
    says: /^rejected with TypeError: .*, wanted a QueueError$/,
    told: () => ({
      publish: (honest, ...call) =>
        honest(...call).catch((error) => Promise.reject(new TypeError(error.message))),
    }),
  },
  {
    lie: "publishes though it was aborted",
    law: "K2 an aborted publish()",
    says: /^resolved with .*, wanted a "aborted" error$/,
    told: () => ({ publish: (honest, topic, record) => honest(topic, record) }),
  },
  {
    lie: "waits on though it was aborted",
    law: "K2 aborting ends a subscription that waits",
    says: /ending took over/,
    isSilent: true,
    told: () => ({
      subscribe: (honest, topic, { signal: _, ...options }) => honest(topic, options),
    }),
  },
  {
    lie: "ends with an error where it was aborted",
    law: "K2 aborting ends a subscription that waits",
    says: /^Subscription was aborted$/,
    told: () => ({
      subscribe: (honest, topic, options) =>
        through(honest(topic, options), async function* (batches) {
          yield* batches;
          if (options.signal?.aborted) throw new QueueError("aborted", "Subscription was aborted");
        }),
    }),
  },
  {
    lie: "begins though it was aborted",
    law: "K2 a subscription aborted before it begins",
    says: /false !== true|strictly equal/,
    told: () => ({
      subscribe: (honest, topic, { signal: _, ...options }) => honest(topic, options),
    }),
  },
  {
    lie: "makes a topic for those who read it",
    law: "K3 subscribing to an unknown topic",
    says: /^resolved with .*, wanted a "unknown_topic" error$/,
    told: () => ({
      subscribe(honest, topic, options) {
        const inner = honest(topic, options);
        inner.ready.catch(() => {});
        return { ready: Promise.resolve(), async *[Symbol.asyncIterator]() {} };
      },
    }),
  },
  {
    lie: "calls an unknown topic unavailable",
    law: "K3 publishing to an unknown topic",
    says: /'unavailable' !== 'unknown_topic'|does not exist/,
    told: () => instead("unknown_topic", ({ message }) => new QueueError("unavailable", message)),
  },
  {
    lie: "takes records for a topic that it must not make",
    law: "K3 publishing to an unknown topic",
    says: /^resolved with .*, wanted a "unknown_topic" error$/,
    told: () => ({ publish: (honest, ...call) => honest(...call).catch(() => report) }),
  },
  {
    lie: "refuses what is too large without saying how large",
    law: "K4 a record that is too large is refused",
    says: /Record is too large/,
    told: () => instead("too_large", ({ code }) => new QueueError(code, "Record is too large")),
  },
  {
    lie: "drops what is too large and says nothing",
    law: "K4 a record that is too large is refused",
    says: /^resolved with .*, wanted a "too_large" error$/,
    told: () => ({ publish: (honest, ...call) => honest(...call).catch(() => report) }),
  },
  {
    lie: "loses a large record among others",
    law: "K4 many records near the size limit",
    says: /\+|-/,
    told: () =>
      giving((record) =>
        record.offset === 3n && record.value!.length > 500_000 ? undefined : record
      ),
  },
  {
    lie: "is well after closing",
    law: "K8 health() is ok while records are taken",
    says: /while it closes/,
    told: () => ({ health: () => healthy }),
  },
  {
    lie: "throws when it is asked how it is",
    law: "K8 health() is ok while records are taken",
    says: /asked too often/,
    told: () => ({
      health() {
        throw new Error("asked too often");
      },
    }),
  },
];
