/**
 * Mutants of what stands before the shop: one guarantee against those who reach the port removed.
 */
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const inHttp = (file: string, test: string): Killer => ({ file: `tests/http/${file}.ts`, test });
const admission = (test: string): Killer => inHttp("admission_test", test);

/** Paths from the project's folder. */
export const hostileMutants: readonly Mutant[] = [
  {
    name: "a crowd begins before all others",
    file: "src/http/fair_turns.ts",
    from:
      "      clients.delete(client);\n      if (queue.length > 0) clients.set(client, queue);\n",
    to: "      if (queue.length === 0) clients.delete(client);\n",
    killer: admission(
      "a crowd of one client is begun bit by bit, and another's request at once",
    ),
  },
  {
    name: "a turn begins all that has come",
    file: "src/http/fair_turns.ts",
    from: "if (left === 0) return false;",
    to: "if (left < 0) return false;",
    killer: admission(
      "a crowd of one client is begun bit by bit, and another's request at once",
    ),
  },
  {
    name: "health waits behind a crowd",
    file: "src/http/admission.ts",
    from: "if (passes(request)) return answer(request, from);\n",
    to: "",
    killer: admission("health is told at once"),
  },
  {
    name: "any number of requests may be under way",
    file: "src/http/admission.ts",
    from: "(underWay < maxRequests || passes(request) || turns.makeRoom(client))",
    to: "underWay > 0",
    killer: admission(
      "turns requests away beyond the bound, with headers as all answers have them",
    ),
  },
  {
    name: "one client may have all of them",
    file: "src/http/admission.ts",
    from: "held < mostOfOne &&",
    to: "held >= 0 &&",
    killer: admission("one client does not turn the others away"),
  },
  {
    name: "crowds of many clients keep all others out",
    file: "src/http/admission.ts",
    from: " || turns.makeRoom(client)",
    to: "",
    killer: admission(
      "crowds of many clients turn away themselves, and not who asks one thing at a time",
    ),
  },
  {
    name: "a crowd turns away who asks now and then from its own address",
    file: "src/http/admission.ts",
    from: "if (!turns.makeRoomOfOwn(asker)) return",
    to: "return",
    killer: admission(
      "a crowd turns away itself, and no connection of its own address that has rested",
    ),
  },
  {
    name: "who asks one thing at a time waits behind a crowd",
    file: "src/http/fair_turns.ts",
    from: "else if (kind !== undefined && alone[kind] > 0) alone[kind] -= 1;\n",
    to: "",
    killer: admission(
      "who asks after a rest does not wait, and a crowd of others leaves the loop to it",
    ),
  },
  {
    name: "a crowd has the whole event loop, whoever else asks",
    file: "src/http/fair_turns.ts",
    from: "|| !pace.isPaced()",
    to: "|| waiting > 0",
    killer: admission(
      "who asks after a rest does not wait, and a crowd of others leaves the loop to it",
    ),
  },
  {
    name: "many who ask one thing at a time are a crowd",
    file: "src/http/fair_turns.ts",
    from: "=> waiting - clients.size >= crowdCount;",
    to: "=> waiting > 0;",
    killer: admission("many who ask one thing at a time are no crowd, and are not paced"),
  },
  {
    name: "within one address a crowd has the whole event loop",
    file: "src/http/pace_of_crowds.ts",
    from: "      span.rested += 1;\n",
    to: "",
    killer: admission(
      "within one address, a connection that has rested does not wait, and a few have it paced",
    ),
  },
  {
    name: "beside others a client has any number begun",
    file: "src/http/fair_turns.ts",
    from: " >= mostBegun.ofOne;",
    to: " >= Infinity;",
    killer: admission(
      "beside others a client has 32 begun at once, and any number when it is alone",
    ),
  },
  {
    name: "a host of which no address can be made is good",
    file: "src/http/host_header.ts",
    from: "    if (!URL.canParse(origin)) return false;\n",
    to: "",
    killer: { file: "tests/hostile/odd_hosts_test.ts", test: "is refused, on every route" },
  },
  {
    name: "any number of bodies is read",
    file: "src/http/exchange/read_json_body.ts",
    from: "if (underWay >= maxBodies) {",
    to: "if (underWay < 0) {",
    killer: inHttp(
      "many_bodies_test",
      "are 64 at most; what is beyond is told at once, and they all end after ten seconds",
    ),
  },
  {
    name: "who comes by a proxy is an operator",
    file: "src/http/exchange/operators_only.ts",
    from: ": forwardedBy !== undefined\n",
    to: ": forwardedBy === 'none'\n",
    killer: inHttp(
      "operators_test",
      "nobody does whose request was passed on, or has another name or page behind it",
    ),
  },
  {
    name: "answers without their security headers",
    file: "src/http/exchange/answer.ts",
    from: "    ...security,\n",
    to: "",
    killer: inHttp(
      "every_answer_test",
      "of every route and of every fault has the security headers",
    ),
  },
];
