/** The body of a request, as JSON: bounded in bytes and in time. */
import { type Clock, within } from "../../ports/clock.ts";
import { Problem } from "./problem.ts";

const maxBodyBytes = 65_536;
/** From the head of the request on; a phone on a bad line sends 64 KiB in less. */
const bodyDeadlineMs = 10_000;

/** Each takes 64 KiB while it waits, as the server reads into a buffer of that size. */
const maxBodies = 64;
/** What most books need. */
const firstBytes = 2048;

/** Reads the JSON body of a request. */
export type ReadJsonBody = (request: Request) => Promise<unknown>;

/**
 * Bodies are read up to 64 KiB, whatever length they were announced with, for ten seconds, and 64
 * at a time.
 *
 * The reader throws a `Problem`: `unsupported-media-type`, `body-too-large`, `body-too-slow`,
 * `bad-json`, `too-many-bodies`.
 */
export function createJsonBodyReader(clock: Clock): ReadJsonBody {
  let underWay = 0;
  return async (request) => {
    checkType(request.headers);
    if (underWay >= maxBodies) {
      throw new Problem(
        "too-many-bodies",
        "As many bodies as can be are being read, wanted one of them to end first",
      );
    }
    underWay += 1;
    try {
      return parse(await readBytes(request, clock));
    } finally {
      underWay -= 1;
    }
  };
}

function parse(bytes: Uint8Array): unknown {
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

async function readBytes(request: Request, clock: Clock): Promise<Uint8Array> {
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBodyBytes) throw tooLarge();
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  let body = new Uint8Array(firstBytes);
  let length = 0;

  async function readAll(open: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    for (let read = await open.read(); !read.done; read = await open.read()) {
      const end = length + read.value.length;
      if (end > maxBodyBytes) throw tooLarge();
      // Copied, as a piece of one byte keeps the 64 KiB that the server has read it into.
      if (end > body.length) body = grown(body, length, end);
      body.set(read.value, length);
      length = end;
    }
  }

  try {
    await within(clock, bodyDeadlineMs, readAll(reader), () => {
      throw tooSlow(length);
    });
  } catch (error) {
    // What has not been read is not waited for.
    void reader.cancel().catch(() => {});
    if (error instanceof Problem) throw error;
    // The sender has gone, or sent less than announced: no fault of ours.
    throw new Problem("bad-json", "Body ended early, wanted as many bytes as were announced");
  }
  return body.subarray(0, length);
}

/** At least twice as long, so that bodies in many pieces are copied a few times only. */
function grown(body: Uint8Array, length: number, wanted: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(maxBodyBytes, Math.max(wanted, 2 * body.length)));
  larger.set(body.subarray(0, length));
  return larger;
}

function tooSlow(length: number): Problem {
  return new Problem(
    "body-too-slow",
    `Body had ${length} bytes after ${bodyDeadlineMs / 1000} s, wanted all of it by then`,
  );
}

function tooLarge(): Problem {
  return new Problem("body-too-large", `Body is over ${maxBodyBytes} bytes, wanted at most that`);
}
