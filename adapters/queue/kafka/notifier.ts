/** Wakes whoever waits for something to change; what has changed they look up themselves. */
export interface Notifier {
  notify(): void;
  wait(): Promise<void>;
}

export function createNotifier(): Notifier {
  let next = Promise.withResolvers<void>();
  return {
    notify() {
      next.resolve();
      next = Promise.withResolvers();
    },
    wait: () => next.promise,
  };
}
