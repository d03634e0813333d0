/**
 * A server that speaks MySQL's login as far as the password: by `caching_sha2_password`, in full.
 * It may be the server meant, or one that stands in for it: that depends on whose key it has.
 */
import { Buffer } from "node:buffer";
import { constants, privateDecrypt } from "node:crypto";

/** What it is, until it is disposed of. */
export interface AskingServer extends AsyncDisposable {
  readonly port: number;
  /** What it came to know of each login, in order: the password; undefined: nothing. */
  readonly passwords: readonly (string | undefined)[];
}

/** PEM. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

const plugin = "caching_sha2_password";
const scramble = Buffer.from("abcdefghijklmnopqrst");
const wantsKey = 2;

/** Asks every client for its password in full, and lets nobody in. */
export function askForPasswords(key: KeyPair): AskingServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const passwords: (string | undefined)[] = [];

  async function meet(connection: Deno.Conn): Promise<void> {
    let sequence = 0;
    const send = async (...parts: readonly (string | readonly number[] | Uint8Array)[]) => {
      const body = Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
      const head = [body.length & 255, body.length >> 8, 0, sequence++];
      await connection.write(Buffer.concat([Buffer.from(head), body]));
    };
    const receive = async (): Promise<Buffer> => {
      const head = await readExactly(connection, 4);
      sequence = (head[3] ?? 0) + 1;
      return await readExactly(connection, head.readUIntLE(0, 3));
    };
    await send(greeting());
    await receive();
    await send([0xfe], `${plugin}\0`, scramble, [0]);
    await receive();
    // "Perform full authentication".
    await send([1, 4]);
    let answer = await receive();
    if (answer.length === 1 && answer[0] === wantsKey) {
      await send([1], key.publicKey);
      answer = await receive();
    }
    passwords.push(passwordIn(answer, key.privateKey));
    await send([0xff, 1045 & 255, 1045 >> 8], "#28000Access denied");
  }

  const serving = (async () => {
    for await (const connection of listener) {
      await meet(connection).catch(() => {});
      connection.close();
    }
  })();
  return {
    port: listener.addr.port,
    passwords,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

/** HandshakeV10, without TLS. */
function greeting(): Buffer {
  const protocol41 = 0x0200, secureConnection = 0x8000, pluginAuth = 0x0008_0000, withDb = 0x0008;
  const flags = protocol41 | secureConnection | pluginAuth | withDb;
  const numbers = Buffer.alloc(8);
  numbers.writeUInt16LE(flags & 0xffff, 0);
  numbers.writeUInt8(45, 2);
  numbers.writeUInt16LE(2, 3);
  numbers.writeUInt16LE(flags >>> 16, 5);
  numbers.writeUInt8(scramble.length + 1, 7);
  return Buffer.concat([
    Buffer.from("\x0a8.4.0\0"),
    Buffer.from([1, 0, 0, 0]),
    scramble.subarray(0, 8),
    Buffer.from([0]),
    numbers,
    Buffer.alloc(10),
    scramble.subarray(8),
    Buffer.from(`\0${plugin}\0`),
  ]);
}

/** What the key opens; undefined where it is not meant for it. */
function passwordIn(sealed: Buffer, privateKey: string): string | undefined {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  try {
    const mixed = privateDecrypt({ key: privateKey, padding, oaepHash: "sha1" }, sealed);
    const plain = mixed.map((byte, n) => byte ^ (scramble[n % scramble.length] ?? 0));
    return Buffer.from(plain).toString().replace(/\0$/, "");
  } catch {
    return undefined;
  }
}

async function readExactly(connection: Deno.Conn, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const read = await connection.read(bytes.subarray(at));
    if (read === null) throw new Error(`Client ended after ${at} bytes, wanted ${length}`);
    at += read;
  }
  return bytes;
}
