import { Problem } from "./problem.ts";

const maxBodyBytes = 65_536;

/**
 * Reads a JSON body, and no more of it than 64 KiB, whatever length it was announced with.
 *
 * @throws {Problem} `unsupported-media-type`, `body-too-large`, `bad-json`
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  checkType(request.headers);
  const bytes = await readBytes(request);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const what = cause instanceof SyntaxError ? "JSON" : "UTF-8";
    throw new Problem("bad-json", `Body is not ${what}, wanted a JSON object in UTF-8`);
  }
}

function checkType(headers: Headers): void {
  const type = headers.get("Content-Type");
  const [name = "", ...parameters] = (type ?? "").toLowerCase().split(";");
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (name.trim() !== "application/json" || !isUtf8) {
    const is = type === null ? "missing" : JSON.stringify(type.slice(0, 100));
    throw new Problem(
      "unsupported-media-type",
      `Content-Type is ${is}, wanted "application/json" in UTF-8`,
    );
  }
  const encoding = headers.get("Content-Encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new Problem(
      "unsupported-media-type",
      `Content-Encoding is ${JSON.stringify(encoding.slice(0, 100))}, wanted none`,
    );
  }
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBodyBytes) throw tooLarge();
  const buffer = new Uint8Array(maxBodyBytes);
  let length = 0;
  // Leaving the loop cancels the stream: the rest is not read.
  try {
    for await (const chunk of request.body ?? []) {
      if (length + chunk.length > maxBodyBytes) throw tooLarge();
      buffer.set(chunk, length);
      length += chunk.length;
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    // The sender has gone, or sent less than announced: no fault of ours.
    throw new Problem("bad-json", "Body ended early, wanted as many bytes as were announced");
  }
  return buffer.subarray(0, length);
}

function tooLarge(): Problem {
  return new Problem("body-too-large", `Body is over ${maxBodyBytes} bytes, wanted at most that`);
}
