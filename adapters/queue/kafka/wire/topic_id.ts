/** Topic ids (KIP-516), written as Kafka's own tools write them: 22 letters of base64url. */
export const topicIdBytes = 16;

/** Undefined where all bits are 0: the broker gives none. */
export function topicIdOf(bytes: Uint8Array): string | undefined {
  if (bytes.every((byte) => byte === 0)) return undefined;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

export const bytesOfTopicId = (id: string): Uint8Array =>
  Uint8Array.fromBase64(id, { alphabet: "base64url" });
