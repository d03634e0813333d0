/** Many who ask an HTTP server, as a program of their own. */
import { output } from "./raw_limit.ts";

/** What came of asking for a while. */
export interface LoadResult {
  /** Answers a second. */
  readonly rate: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly answers: number;
}

/**
 * Asks the server at `url` for `forMs`, over so many connections that stay open.
 *
 * @param perSecond So many are asked, however long answers take; default: as many as are answered.
 */
export type HttpLoad = (
  url: string,
  requests: readonly string[],
  connections: number,
  forMs: number,
  perSecond?: number,
) => Promise<LoadResult>;

const source = new URL("http_load.c", import.meta.url);

/** Builds the program with the machine's own `cc`, in `directory`. */
export async function buildHttpLoad(directory: string): Promise<HttpLoad> {
  const program = `${directory}/http_load`;
  await output("cc", ["-O2", "-Wall", "-Werror", "-o", program, source.pathname]);
  return async (url, requests, connections, forMs, perSecond) => {
    const { port } = new URL(url);
    const child = new Deno.Command(program, {
      args: [port, connections, forMs, ...(perSecond === undefined ? [] : [perSecond])].map(String),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(requests.join("")));
    await writer.close();
    const { success, stdout, stderr } = await child.output();
    const [answers = 0, ns = 1, failures = 0, p50Us = NaN, p99Us = NaN] = new TextDecoder()
      .decode(stdout).split(" ").map(Number);
    if (!success || failures > 0 || answers === 0) {
      throw new Error(
        `${failures} of ${answers} answers of ${url} were not 200: ${
          new TextDecoder().decode(stderr)
        }`,
      );
    }
    return { rate: answers / ns * 1e9, p50Us, p99Us, answers };
  };
}

/** The head of a GET, as the program wants it. */
export function getRequest(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ Host: "localhost", Accept: "*/*", ...headers });
  return `GET ${path} HTTP/1.1\r\n${
    lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")
  }\r\n`;
}
