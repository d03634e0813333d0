import { Problem } from "./problem.ts";
import { readParameters } from "./query_parameters.ts";

const pageSizeMax = 100;

/** `ps`, how many are wanted: 1 to 100. Default: 10. @throws {Problem} `bad-parameter` */
export function readPageSize(url: string): number {
  const text = readParameters(url, ["ps"]).get("ps") ?? "10";
  const size = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (size >= 1 && size <= pageSizeMax) return size;
  throw new Problem(
    "bad-parameter",
    `Parameter "ps" is ${
      JSON.stringify(text.slice(0, 50))
    }, wanted a whole number from 1 to ${pageSizeMax}`,
  );
}
