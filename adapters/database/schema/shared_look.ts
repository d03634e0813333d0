/**
 * A look at the version that all share who come in one turn of the event loop, as it costs more
 * than to find a page that is kept. The first gets its answer at once. Those behind it wait until
 * the others have come, too: what was seen before they came could be older than what they know.
 *
 * @param nextTurn Calls back in the next turn of the event loop.
 */
export function shareLook<Seen>(
  look: () => Seen,
  nextTurn: (begin: () => void) => void = (begin) => void setImmediate(begin),
): () => Seen | Promise<Seen> {
  let hasLooked = false;
  let waiting: PromiseWithResolvers<Seen> | undefined;

  function end(): void {
    const all = waiting;
    hasLooked = false;
    waiting = undefined;
    if (all === undefined) return;
    try {
      all.resolve(look());
    } catch (error) {
      all.reject(error);
    }
  }

  return () => {
    if (hasLooked) return (waiting ??= Promise.withResolvers<Seen>()).promise;
    hasLooked = true;
    nextTurn(end);
    return look();
  };
}
