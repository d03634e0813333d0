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
