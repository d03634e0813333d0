/** So many at a time; the others wait in the order in which they came. */
export interface Permits {
  take(): Promise<void>;
  give(): void;
}

export function openPermits(count: number): Permits {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    take() {
      if (free > 0) {
        free--;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    give() {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    },
  };
}
