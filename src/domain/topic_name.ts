const legal = /^[a-zA-Z0-9._-]{1,249}$/;

/**
 * Why `name` cannot be a topic, or undefined where it can. Kafka's rule
 * (org.apache.kafka.common.internals.Topic), kept by every queue so that swapping one for another
 * never meets a name that only some accept.
 */
export function topicNameFault(name: string): string | undefined {
  if (name === "." || name === "..") {
    return `Topic name is "${name}", wanted a name other than "." and ".."`;
  }
  if (!legal.test(name)) {
    return `Topic name is ${
      JSON.stringify(name)
    }, wanted 1 to 249 of the characters a-z A-Z 0-9 . _ -`;
  }
  return undefined;
}

const deadLetters = ".dlq";

/** The topic to which the dead letters of a topic go. */
export const deadLetterTopic = (topic: string): string => `${topic}${deadLetters}`;

/** Whether a topic is for dead letters, by its name. */
export const isDeadLetterTopic = (topic: string): boolean => topic.endsWith(deadLetters);
