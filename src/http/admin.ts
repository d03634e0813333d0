/** What answers at the operators' own listener: health and metrics, and nothing else. */
import { getPath } from "hono/utils/url";
import type { AnswerRequest } from "./admission.ts";
import { preparedProblem } from "./exchange/problem.ts";

const paths = new Set(["/livez", "/readyz", "/metrics"]);
const nothingHere = preparedProblem(
  "not-found",
  "Operators find /livez, /readyz and /metrics here",
);

/** @param answer The whole shop's. */
export function admin(answer: AnswerRequest): AnswerRequest {
  return (request, { peer }) =>
    paths.has(getPath(request))
      ? answer(request, { peer: { ...peer, isAdmin: true } })
      : nothingHere();
}
