/**
 * A broker that takes everything and keeps nothing: what a client reaches against it is the
 * client's own.
 */
export interface DiscardBroker extends AsyncDisposable {
  readonly address: string;
}

/**
 * Starts it as a process of its own, so that it does not share the event loop that is measured.
 * Every topic has `partitions` partitions.
 */
export async function startDiscardBroker(partitions: number): Promise<DiscardBroker> {
  const script = new URL("./discard_broker_process.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net", script, String(partitions)],
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: address } = await output.read();
  if (address === undefined) throw new Error("Discard broker did not start");
  return {
    address: address.trim(),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await output.cancel();
      await child.status;
    },
  };
}
