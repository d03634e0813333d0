import fc from "fast-check";

/** Bytes with some of them changed, left out, or put in. */
export function damaged(base: Uint8Array): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const change = fc.tuple(fc.nat(base.length), fc.constantFrom("flip", "cut", "put"), fc.nat(255));
  return fc.array(change, { minLength: 1, maxLength: 8 }).map((changes) => {
    const bytes = [...base];
    for (const [at, how, byte] of changes) {
      if (how === "flip") bytes[at % bytes.length] = byte;
      else bytes.splice(at, how === "cut" ? byte : 0, ...how === "put" ? [byte, byte ^ 0x20] : []);
    }
    return Uint8Array.from(bytes);
  });
}
