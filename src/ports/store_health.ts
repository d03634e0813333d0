import { StoreError, type StoreErrorCode } from "./store_error.ts";

/** As a queue's (`queue_health.ts`). `degraded`: a question would be refused with that code. */
export type StoreHealth =
  | { readonly status: "ok" }
  | {
    readonly status: "degraded";
    readonly reason: StoreErrorCode;
    /** For operators: what is, and what to do about it. No secrets. */
    readonly detail: string;
  };

/** What a store is that asks itself a question and gets this answer. */
export async function healthBy(ask: () => Promise<unknown>): Promise<StoreHealth> {
  try {
    await ask();
    return { status: "ok" };
  } catch (error) {
    const fault = error instanceof StoreError
      ? error
      : new StoreError("failed", "Store broke its contract", { cause: error });
    const { code: reason, message, cause } = fault;
    const detail = cause instanceof StoreError ? `${message}: ${cause.message}` : message;
    return { status: "degraded", reason, detail };
  }
}
