import { StoreError } from "../../ports/store_error.ts";
import { Problem } from "./problem.ts";

/**
 * What a read model gives. @throws {Problem} `read-models-unavailable` where it is away.
 */
export async function fromReadModel<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof StoreError && error.code === "unavailable")) throw error;
    throw new Problem("read-models-unavailable", "It will be there again soon");
  }
}
