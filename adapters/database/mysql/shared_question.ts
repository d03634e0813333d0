/**
 * One question to the database for all who want its answer at the same time. What each gets was
 * asked after they came: an answer that was under way before could be older than what they know.
 */
export function shareQuestion<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let running: Promise<unknown> | undefined;
  let next: Promise<Answer> | undefined;

  function begin(): Promise<Answer> {
    next = undefined;
    const asked = ask();
    const ended = asked.then(() => {}, () => {}).finally(() => {
      if (running === ended) running = undefined;
    });
    running = ended;
    return asked;
  }

  return () => running === undefined ? begin() : next ??= running.then(begin);
}
