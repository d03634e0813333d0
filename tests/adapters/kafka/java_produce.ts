const installer = new URL("../../services/kafka.sh", import.meta.url).pathname;
const source = new URL("./JavaProducer.java", import.meta.url).pathname;

/** Publishes with the Java client: a record a line, its key before the tabulator. Needs a JDK. */
export async function javaProduce(address: string, topic: string, lines: string): Promise<void> {
  const installed = await new Deno.Command(installer, { args: ["install"] }).output();
  const jars = `${new TextDecoder().decode(installed.stdout).trim()}/*`;
  const child = new Deno.Command("java", {
    args: ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", jars, source, address, topic],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writing = new Response(lines).body!.pipeTo(child.stdin).then(() => true, () => false);
  const { success, stderr } = await child.output();
  if (!success || !await writing) {
    throw new Error(`Java producer failed: ${new TextDecoder().decode(stderr)}`);
  }
}
