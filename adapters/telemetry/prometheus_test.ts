import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openPrometheusTelemetry } from "./prometheus.ts";

describe("openPrometheusTelemetry()", () => {
  it("writes counters, gauges and histograms under names with underscores", async () => {
    const telemetry = openPrometheusTelemetry();
    telemetry.count("shelfcast.events.refused", { reason: "full" });
    telemetry.count("shelfcast.events.refused", { reason: "full" }, 2);
    telemetry.gauge("shelfcast.events.pending", 7);
    telemetry.histogram("shelfcast.events.accept_ms", 3);

    const lines = (await telemetry.text()).split("\n");
    assert.ok(lines.includes('shelfcast_events_refused_total{reason="full"} 3'));
    assert.ok(lines.includes("shelfcast_events_pending 7"));
    assert.ok(lines.includes('shelfcast_events_accept_ms_bucket{le="2.5"} 0'));
    assert.ok(lines.includes('shelfcast_events_accept_ms_bucket{le="5"} 1'));
    assert.match(telemetry.contentType, /^text\/plain; version=0\.0\.4/);
  });

  it("writes a histogram's buckets so that each holds those below it, its sum and its count", async () => {
    const telemetry = openPrometheusTelemetry();
    for (const value of [0.2, 0.3, 7, 40_000]) telemetry.histogram("a.b_ms", value, { route: "/" });
    const lines = (await telemetry.text()).split("\n");
    const at = lines.indexOf("# TYPE a_b_ms histogram");
    assert.equal(lines[at - 1], "# HELP a_b_ms a.b_ms");
    assert.equal(lines[at + 1], 'a_b_ms_bucket{le="0.5",route="/"} 2');
    assert.ok(lines.includes('a_b_ms_bucket{le="5",route="/"} 2'));
    assert.ok(lines.includes('a_b_ms_bucket{le="10",route="/"} 3'));
    assert.ok(lines.includes('a_b_ms_bucket{le="30000",route="/"} 3'));
    const last = lines.indexOf('a_b_ms_bucket{le="+Inf",route="/"} 4');
    assert.equal(lines[last + 1], 'a_b_ms_sum{route="/"} 40007.5');
    assert.equal(lines[last + 2], 'a_b_ms_count{route="/"} 4');
  });

  it("keeps series apart by the values of their attributes, which it escapes", async () => {
    const telemetry = openPrometheusTelemetry();
    const odd = 'a "b" \\ c\nd';
    telemetry.count("x", { one: "a", two: "bc" });
    telemetry.count("x", { two: "c", one: "ab" });
    telemetry.count("x", { one: odd, two: "" });
    telemetry.count("x", { one: odd });
    const lines = (await telemetry.text()).split("\n");
    assert.ok(lines.includes('x_total{one="a",two="bc"} 1'));
    assert.ok(lines.includes('x_total{two="c",one="ab"} 1'));
    assert.ok(lines.includes('x_total{one="a \\"b\\" \\\\ c\\nd",two=""} 1'));
    assert.ok(lines.includes('x_total{one="a \\"b\\" \\\\ c\\nd"} 1'));
    assert.equal((await telemetry.text()).at(-1), "\n");
  });

  it("keeps to itself: two of them share nothing", async () => {
    const one = openPrometheusTelemetry();
    const other = openPrometheusTelemetry();
    one.count("shelfcast.books.added");
    assert.doesNotMatch(await other.text(), /shelfcast_books_added/);
  });

  it("never throws at who records: what does not fit is dropped and counted", async () => {
    const telemetry = openPrometheusTelemetry();
    telemetry.count("shelfcast.events.refused", { reason: "full" });
    telemetry.count("shelfcast.events.refused", { colour: "red" });
    telemetry.count("shelfcast.events.refused", { reason: "full" }, -1);
    telemetry.gauge("shelfcast.no name", 1);

    const lines = (await telemetry.text()).split("\n");
    assert.ok(lines.includes('shelfcast_events_refused_total{reason="full"} 1'));
    assert.ok(lines.includes("shelfcast_telemetry_dropped_total 3"));
  });
});
