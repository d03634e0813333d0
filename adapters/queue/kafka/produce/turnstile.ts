/** Lets at most `places` through at a time, in the order in which they came. */
export interface Turnstile {
  /** Resolves when there is a place; call what it gives to make room for the next. */
  enter(): Promise<() => void>;
}

export function createTurnstile(places: number): Turnstile {
  const queue: (() => void)[] = [];
  let free = places;
  const leave = (): void => {
    const next = queue.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    enter() {
      if (free > 0) {
        free--;
        return Promise.resolve(leave);
      }
      return new Promise((resolve) => queue.push(() => resolve(leave)));
    },
  };
}
