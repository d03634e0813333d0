/**
 * What `make` gives, made when it is first asked for. A pattern that asks what Unicode says of all
 * characters takes a fifth of a millisecond to make, and as long to use for the first time; a start
 * would wait for a dozen of them, and most texts need none.
 */
export function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => made ??= make();
}
