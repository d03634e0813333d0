/** Which requests are answered when there are more than can be. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type AdmissionOptions, admit } from "../../src/http/admission.ts";
import { clientAddress } from "../../src/http/client_address.ts";
import { trustedProxies } from "../../src/http/trusted_proxies.ts";
import { createFakeClock } from "../fake_clock.ts";
import { createRecordingTelemetry } from "../use_cases/recording_telemetry.ts";

const search = new Request("http://shop/api/books?q=dune");

/** A shop whose answers come when the test says so. */
function open(options: Partial<AdmissionOptions>) {
  const clock = createFakeClock();
  const telemetry = createRecordingTelemetry();
  const waiting: (() => void)[] = [];
  const answer = () =>
    new Promise<Response>((resolve) => waiting.push(() => resolve(new Response("found"))));
  const nextTurn = (begin: () => void) => begin();
  const admitted = admit(answer, { clock, telemetry, nextTurn, ...options });
  const ask = (address: string, request = search): Promise<Response> =>
    Promise.resolve(admitted(request, { peer: { address, isLocal: false } }));
  return { ask, clock, telemetry, waiting };
}

/** The status, where it is known without the shop's answer. */
async function turnedAway(answer: Promise<Response>): Promise<number | undefined> {
  const settled = await Promise.race([answer, Promise.resolve().then(() => undefined)]);
  return settled?.status;
}

describe("admission", () => {
  it("turns requests away beyond the bound, with headers as all answers have them", async () => {
    const { ask, telemetry, waiting } = open({ maxRequests: 16 });
    const asked = Array.from({ length: 16 }, (_, n) => ask(`10.0.0.${n}`));
    const refused = await ask("10.0.1.1");
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("Retry-After"), "1");
    assert.equal(refused.headers.get("X-Content-Type-Options"), "nosniff");
    assert.equal((await refused.json()).type, "/problems/overloaded");
    assert.equal(telemetry.counters["shelfcast.http.turned_away{reason=overloaded}"], 1);
    for (const answer of waiting.splice(0)) answer();
    assert.deepEqual((await Promise.all(asked)).map(({ status }) => status), asked.map(() => 200));
    const again = ask("10.0.1.1");
    waiting[0]?.();
    assert.equal((await again).status, 200);
  });

  it("one client does not turn the others away", async () => {
    const { ask, waiting } = open({ maxRequests: 64 });
    const crowd = Array.from({ length: 100 }, () => ask("10.0.0.1"));
    assert.equal(waiting.length, 32 + 4);
    assert.equal(await turnedAway(ask("10.0.0.2")), undefined);
    assert.equal(waiting.length, 32 + 4 + 1);
    for (const answer of waiting) answer();
    await Promise.all(crowd);
  });

  it("what fails is over, too", async () => {
    const answer = () => Promise.reject(new Error("broken"));
    const { clock, telemetry } = open({});
    const admitted = admit(answer, { maxRequests: 16, clock, telemetry });
    for (let n = 0; n < 50; n++) {
      const asked = admitted(search, { peer: { address: "10.0.0.1", isLocal: false } });
      await assert.rejects(async () => await asked, /broken/);
    }
  });

  it("health and metrics pass", async () => {
    const { ask, waiting } = open({ maxRequests: 16, clientRate: 1 });
    for (let n = 0; n < 200; n++) void ask("10.0.0.1");
    const passed = waiting.length;
    for (const path of ["/livez", "/readyz", "/metrics"]) {
      void ask("10.0.0.1", new Request(`http://shop${path}`));
    }
    assert.equal(waiting.length, passed + 3);
    assert.equal(await turnedAway(ask("10.0.0.1")), 429);
  });

  it("a client may ask as often as it may, and another one too", async () => {
    const { ask, clock, waiting } = open({ clientRate: 10 });
    const passed = async (address: string) => {
      const before = waiting.length;
      for (let n = 0; n < 100; n++) void ask(address);
      await Promise.resolve();
      return waiting.length - before;
    };
    assert.equal(await passed("10.0.0.1"), 20);
    assert.equal(await passed("10.0.0.2"), 20);
    await clock.advance(1000);
    assert.equal(await passed("10.0.0.1"), 10);
    await clock.advance(3_600_000);
    assert.equal(await passed("10.0.0.1"), 20);
  });
});

describe("turns", () => {
  /** Requests that are done as soon as they begin, and turns that end when the test says so. */
  function inTurns() {
    const clock = createFakeClock();
    const telemetry = createRecordingTelemetry();
    const begun: string[] = [];
    const ports: number[] = [];
    let endTurn: (() => void) | undefined;
    const admitted = admit((_, { peer, port }) => {
      begun.push(peer.address);
      if (port !== undefined) ports.push(port);
      return Promise.resolve(new Response("found"));
    }, { clock, telemetry, maxRequests: 512, nextTurn: (end) => endTurn = end });
    const answers: {
      readonly address: string;
      readonly port: number | undefined;
      readonly status: number;
    }[] = [];
    const ask = (address: string, request = search, port?: number): void => {
      const from = { peer: { address, isLocal: false }, ...port !== undefined && { port } };
      void Promise.resolve(admitted(request, from))
        .then(({ status }) => answers.push({ address, port, status }));
    };
    /** What has begun since, after a turn that took so long. */
    async function turn(tookMs: number): Promise<readonly string[]> {
      await clock.advance(tookMs);
      begun.splice(0);
      endTurn?.();
      return begun;
    }
    const crowdOf = new Map<number, string>();
    /** Asks on so many connections. */
    function crowd(address: string, connections: number): void {
      for (let n = 0; n < connections; n++) {
        const port = 1000 + crowdOf.size;
        crowdOf.set(port, address);
        ask(address, search, port);
      }
    }
    /** Crowds ask again as soon as they can. */
    function again(): void {
      for (const port of ports.splice(0)) {
        const address = crowdOf.get(port);
        if (address !== undefined) ask(address, search, port);
      }
    }
    return { ask, begun, ports, turn, answers, crowd, again, clock };
  }

  it("a crowd of one client is begun bit by bit, and another's request at once", async () => {
    const { ask, begun, turn } = inTurns();
    for (let n = 0; n < 200; n++) ask("10.0.0.1");
    assert.equal(begun.length, 4);
    ask("10.0.0.2");
    assert.deepEqual(begun.splice(0), ["10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"]);
    assert.deepEqual(await turn(100), ["10.0.0.1", "10.0.0.1"]);
    for (let n = 0; n < 3; n++) ask("10.0.0.3");
    assert.deepEqual(begun.splice(0), ["10.0.0.1", "10.0.0.1", "10.0.0.3"]);
    assert.deepEqual(await turn(100), ["10.0.0.1"]);
    assert.deepEqual(await turn(100), ["10.0.0.3"]);
    assert.deepEqual(await turn(100), ["10.0.0.1"]);
    assert.deepEqual(await turn(100), ["10.0.0.3"]);
  });

  it("of requests that take no time a turn has more and more, up to 64, and all are begun", async () => {
    const { ask, begun, turn } = inTurns();
    for (let n = 0; n < 200; n++) ask(`10.0.0.${n}`);
    const counts = [begun.length];
    for (let n = 0; n < 5; n++) counts.push((await turn(0)).length);
    // Each asks for one thing, so that there are 16 more at first.
    assert.deepEqual(counts, [4 + 16, 8, 16, 32, 64, 60]);
  });

  it("crowds of many clients turn away themselves, and not who asks one thing at a time", async () => {
    const { ask, turn, answers } = inTurns();
    for (let n = 0; n < 64 * 40; n++) ask(`10.0.0.${n % 40}`);
    const polite = Array.from({ length: 200 }, (_, n) => `10.0.1.${n}`);
    for (const address of polite) ask(address);
    for (let n = 0; n < 300; n++) await turn(1);
    const of = (addresses: readonly string[], status: number) =>
      answers.filter((one) => addresses.includes(one.address) && one.status === status).length;
    const crowds = Array.from({ length: 40 }, (_, n) => `10.0.0.${n}`);
    assert.deepEqual([of(polite, 200), of(polite, 503)], [200, 0]);
    assert.equal(of(crowds, 200) + of(crowds, 503), 64 * 40);
    assert.ok(of(crowds, 200) >= 512 - 200, `${of(crowds, 200)} of the crowds' were answered`);
  });

  it("beside others a client has 32 begun at once, and any number when it is alone", async () => {
    const { ask, clock, waiting } = open({});
    const own = Array.from({ length: 100 }, () => ask("10.0.0.1"));
    assert.equal(waiting.length, 100);
    for (const answer of waiting.splice(0)) answer();
    await Promise.all(own);
    const first = ask("10.0.0.2");
    const crowd = Array.from({ length: 100 }, () => ask("10.0.0.1"));
    assert.equal(waiting.length, 1 + 32);
    const others = [ask("10.0.0.2"), ask("10.0.0.3")];
    assert.equal(waiting.length, 1 + 32 + 2);
    // With each that is answered the next one begins; and all of them, when nobody else asks.
    waiting[1]?.();
    await crowd[0];
    assert.equal(waiting.length, 1 + 32 + 2 + 1);
    await clock.advance(1000);
    waiting[2]?.();
    await crowd[1];
    assert.equal(waiting.length, 1 + 100 + 2);
    for (const answer of waiting) answer();
    await Promise.all([first, ...crowd, ...others]);
  });

  it("two crowds have one half each, however many connections, and neither is paced", async () => {
    const { begun, turn, crowd, again } = inTurns();
    crowd("10.0.0.1", 100);
    crowd("10.0.0.2", 40);
    const all: string[] = [];
    for (let n = 0; n < 300; n++) {
      again();
      await turn(1);
      all.push(...begun);
    }
    const first = all.filter((address) => address === "10.0.0.1").length;
    assert.ok(Math.abs(first / all.length - 0.5) < 0.1, `${first} of ${all.length}`);
    assert.ok(all.length > 300 * 16, `${all.length} in 300 turns`);
  });

  it("who asks after a rest does not wait, and a crowd of others leaves the loop to it", async () => {
    const { ask, begun, turn, clock, crowd, again } = inTurns();
    crowd("10.0.0.1", 200);
    /** A turn of the event loop, and when a crowd is paced also of the timer. */
    async function turns(count: number): Promise<number> {
      let most = 0;
      for (let n = 0; n < count; n++) {
        begun.splice(0);
        await turn(1);
        again();
        await clock.advance(1);
        again();
        most = Math.max(most, begun.filter((address) => address === "10.0.0.1").length);
      }
      return most;
    }
    await turns(20);
    assert.ok(await turns(20) > 32, "alone it has all that can be done");
    for (let n = 0; n < 3; n++) {
      begun.splice(0);
      ask("10.0.0.2", search, 1);
      assert.deepEqual(begun, ["10.0.0.2"]);
      await turns(20);
    }
    assert.equal(await turns(20), 4);
    await clock.advance(1000);
    await turns(20);
    assert.ok(await turns(20) > 32, "alone again");
  });

  it("many who ask one thing at a time are no crowd, and are not paced", async () => {
    const { ask, ports, turn } = inTurns();
    const [aTurn, restTurns] = [72, 20];
    let asked = 0;
    let begun = 0;
    let most = 0;
    for (let n = 0; n < 300; n++) {
      for (let k = 0; k < aTurn; k++) {
        const who = asked % (aTurn * restTurns);
        ask(`10.0.${who >> 8}.${who & 255}`, search, who);
        asked += 1;
      }
      await turn(1);
      begun += ports.splice(0).length;
      if (n >= 20) most = Math.max(most, asked - begun);
    }
    assert.ok(most < 2 * aTurn, `${most} wait`);
  });

  it("within one address, a connection that has rested does not wait, and a few have it paced", async () => {
    const { ask, begun, ports, turn, clock, crowd, again } = inTurns();
    crowd("10.0.0.1", 200);
    let most = 0;
    for (let n = 0; n < 1000; n++) {
      begun.splice(0);
      await turn(1);
      again();
      await clock.advance(1);
      again();
      if (n > 900) most = Math.max(most, begun.length);
      if (n < 100 || n % 20 > 0) continue;
      ask("10.0.0.1", search, 1);
      assert.ok(ports.includes(1), `It waits, ${n}`);
    }
    assert.ok(most <= 4 + 1, `${most} are begun in a turn`);
  });

  it("a crowd turns away itself, and no connection of its own address that has rested", async () => {
    const { ask, turn, answers } = inTurns();
    let asked = 0;
    for (let n = 0; n < 5; n++) {
      for (let k = 0; k < 500; k++) ask("10.0.0.1", search, 1000);
      ask("10.0.0.1", search, 1);
      asked += 501;
      for (let k = 0; k < 3; k++) await turn(20);
      const refused = answers.filter(({ port, status }) => port === 1000 && status === 503);
      assert.ok(refused.length >= asked - 256 - 32 - 3 * 64 * (n + 1), `${refused.length}`);
    }
    for (let n = 0; n < 500; n++) await turn(1);
    const own = answers.filter(({ port }) => port === 1).map(({ status }) => status);
    assert.deepEqual(own, [200, 200, 200, 200, 200]);
    assert.equal(answers.length, asked);
  });

  it("beside others 256 are begun of all, so that the others make room for who has nothing", async () => {
    const { ask, waiting } = open({ maxRequests: 512 });
    const asked = Array.from({ length: 2000 }, (_, n) => ask(`10.0.0.${n % 100}`));
    assert.ok(waiting.length <= 256 + 16, `${waiting.length} are begun`);
    const polite = Array.from({ length: 50 }, (_, n) => ask(`10.0.1.${n}`));
    for (const one of polite) assert.equal(await turnedAway(one), undefined);
    for (let n = 0; n < 600; n++) {
      waiting[n]?.();
      await Promise.resolve();
    }
    for (const one of polite) assert.equal((await one).status, 200);
    await Promise.all(asked);
  });

  it("health is told at once", () => {
    const { ask, begun } = inTurns();
    for (let n = 0; n < 200; n++) ask("10.0.0.1");
    begun.splice(0);
    ask("10.0.0.1", new Request("http://shop/livez"));
    assert.equal(begun.length, 1);
  });
});

describe("the client's address", () => {
  const of = (trusted: string[], address: string, forwarded?: string) =>
    clientAddress(trustedProxies(trusted))(
      new Headers(forwarded === undefined ? {} : { "X-Forwarded-For": forwarded }),
      { address, isLocal: false },
    );

  it("is the peer's, whatever it says of others, where the peer is not trusted", () => {
    assert.equal(of([], "10.0.0.1", "1.2.3.4"), "10.0.0.1");
    assert.equal(of(["10.1.0.0/16"], "10.0.0.1", "1.2.3.4"), "10.0.0.1");
  });

  it("is the last that no trusted proxy has", () => {
    const proxies = ["10.0.0.0/8", "fd00::/8"];
    assert.equal(of(proxies, "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2"), "1.2.3.4");
    assert.equal(of(proxies, "::ffff:10.0.0.1", "1.2.3.4, fd00::7"), "1.2.3.4");
    assert.equal(of(proxies, "10.0.0.1", "nonsense"), "10.0.0.1");
    assert.equal(of(proxies, "10.0.0.1"), "10.0.0.1");
  });

  it("is the network where it is IPv6", () => {
    assert.equal(of([], "2001:DB8::1"), "2001:db8:0:0");
    assert.equal(of([], "2001:db8:0:0:ffff::1"), "2001:db8:0:0");
    assert.equal(of([], "::1"), "0:0:0:0");
  });
});
