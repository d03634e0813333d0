/** Who stands in for the database gets no password where the server's public key is known. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { generateKeyPairSync } from "node:crypto";
import { probes } from "../../src/composition/operations.ts";
import { cautionsOf, type ShopConfig } from "../../src/composition/configuration.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { faultsOf, load } from "../config/load_text.ts";
import { askForPasswords, type KeyPair } from "./asking_mysql.ts";

const newKey = (): KeyPair =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
const servers = newKey();
const impostors = newKey();
const password = "correct horse battery";

async function withKeyFile(work: (file: string) => Promise<void>): Promise<void> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, servers.publicKey);
    await work(file);
  } finally {
    await Deno.remove(file);
  }
}

const login = (port: number, more = ""): string =>
  `{ db: { host: 127.0.0.1, port: ${port}, user: u, password: "${password}", database: d${more} } }`;

/** As a shop and doctor log in. */
async function logIn(config: ShopConfig): Promise<void> {
  const database = probes(config, systemClock).find(({ name }) => name === "database");
  assert.ok(database);
  await assert.rejects(database.run(), /Access denied|login|MySQL/);
}

describe("a server that asks for the password in full", () => {
  it("is given it where no key is known, whoever it is: hence the warning", async () => {
    await using impostor = askForPasswords(impostors);
    await logIn(await load(login(impostor.port)));
    assert.deepEqual(impostor.passwords, [password]);
  });

  it("is given nothing of use where it is not the one whose key is known", async () => {
    await withKeyFile(async (file) => {
      await using impostor = askForPasswords(impostors);
      await logIn(await load(login(impostor.port, `, public_key_file: ${file}`)));
      assert.deepEqual(impostor.passwords, [undefined]);
    });
  });

  it("is given the password where it is", async () => {
    await withKeyFile(async (file) => {
      await using server = askForPasswords(servers);
      await logIn(await load(login(server.port, `, public_key_file: ${file}`)));
      assert.deepEqual(server.passwords, [password]);
    });
  });
});

describe("db.public_key_file", () => {
  it("is what takes the warning away, but TLS", async () => {
    const away = (more: string) =>
      `db: { host: db.example, user: u, password: p, database: d${more} }`;
    const cautions = async (more: string) => cautionsOf(await load(away(more))).length;
    assert.equal(await cautions(""), 1);
    assert.equal(await cautions(", ssl: on"), 0);
    await withKeyFile(async (file) => {
      assert.equal(await cautions(`, public_key_file: ${file}`), 0);
    });
  });

  it("wants a public key, and no TLS beside it", async () => {
    await withKeyFile(async (file) => {
      const text = login(1, `, ssl: on, public_key_file: ${file}`);
      const [beside] = await faultsOf(text);
      assert.equal(beside?.path, "db.public_key_file");
      await Deno.writeTextFile(file, servers.privateKey);
      const [other] = await faultsOf(login(1, `, public_key_file: ${file}`));
      assert.match(other?.is ?? "", /holds no public key/);
    });
  });
});
