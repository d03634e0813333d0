const maxReasonCharacters = 500;

/**
 * Why, on one line, as a library's message may have many; an error's causes behind it, as far as
 * they say more.
 */
export function errorReason(error: Error): string {
  const messages: string[] = [];
  for (let at: unknown = error; at instanceof Error && messages.length < 5; at = at.cause) {
    const message = at.message.replace(/\s+/g, " ").trim();
    if (!messages.some((told) => told.includes(message))) messages.push(message);
  }
  return messages.join(": ").slice(0, maxReasonCharacters) || error.name;
}
