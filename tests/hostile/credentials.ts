/** What shows who somebody is: real, of somebody else, changed a little, or nothing of the kind. */
import { createHmac } from "node:crypto";
import fc from "fast-check";

export const operatorToken = "a-token-of-an-operator-of-the-shop";
export const visitorSecret = "a secret of the visitors";

/** Visitors that requests name. */
export const visitorIds = [
  "00000000-0000-4000-8000-000000000001",
  "5f0c3d0a-7f6e-4b7e-9d52-0d3f6f0a1b2c",
] as const;

/** What the shop gives a visitor besides its name; made without the shop's own code. */
const proofOf = (id: string): string =>
  createHmac("sha256", visitorSecret).update(`visitor ${id}`).digest("base64url");

/** One character is another, one is missing, one is too many, or all are in upper case. */
function tampered(text: string): fc.Arbitrary<string> {
  return fc.oneof(
    fc.tuple(fc.nat(text.length - 1), fc.constantFrom("A", "_", "=", "%", "é")).map(([at, by]) =>
      text.slice(0, at) + by + text.slice(at + 1)
    ),
    fc.nat(text.length - 1).map((length) => text.slice(0, length)),
    fc.constantFrom("=", "A", " x", "%00", '"').map((end) => text + end),
    fc.constant(text.toUpperCase()),
    fc.constantFrom("", '""', "%", "undefined", "x".repeat(8000)),
  );
}

const ids = fc.constantFrom(...visitorIds);
const signed = ids.map((id) => [id, proofOf(id)] as const);
const pairs = fc.oneof(
  { weight: 3, arbitrary: signed },
  {
    weight: 2,
    arbitrary: signed.chain(([id, proof]) => fc.tuple(fc.constant(id), tampered(proof))),
  },
  {
    weight: 1,
    arbitrary: signed.chain(([id, proof]) => fc.tuple(tampered(id), fc.constant(proof))),
  },
  // Of somebody else.
  { weight: 1, arbitrary: fc.tuple(ids, ids).map(([id, other]) => [id, proofOf(other)] as const) },
);

/** Values of `Cookie`. */
export const cookies: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(pairs, fc.constantFrom("", "__Host-", "__Secure-", " ")).map((
          [[id, proof], prefix],
        ) => `${prefix}uid=${id}; ${prefix}uid_sig=${proof}`),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom("a=1", "uid", "uid_sig", "=", ";;", "uid=; uid_sig="),
      },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.join("; "));

/** Values of `Authorization`. */
export const authorizations: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(`Bearer ${operatorToken}`) },
  { weight: 2, arbitrary: tampered(operatorToken).map((token) => `Bearer ${token}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "Bearer",
      "Bearer  ",
      operatorToken,
      `bearer ${operatorToken}`,
      `Basic ${btoa(`operator:${operatorToken}`)}`,
      `Bearer ${operatorToken}, Bearer ${operatorToken}`,
    ),
  },
);

/** Whether a `Cookie` names somebody whom it also proves. */
export const namesAVisitor = (cookie: string): boolean =>
  visitorIds.some((id) => cookie.includes(id) && cookie.includes(proofOf(id)));

/** Whether an `Authorization` is the operator's. */
export const isOperators = (authorization: string): boolean =>
  /^Bearer +/i.test(authorization) &&
  authorization.replace(/^Bearer +/i, "").trim() === operatorToken;
