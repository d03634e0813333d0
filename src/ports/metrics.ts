/**
 * Every number that the shop and its commands measure, and what it says. Whoever measures names it
 * here first: the meaning stands at `/metrics` beside the number, and in docs/metrics.md. How names
 * are built is told by `Telemetry`.
 */

/** What a number is, and what it says to who runs a shop. */
export interface Metric {
  /** A counter only grows while a process lives; a gauge is as it is now. */
  readonly type: "counter" | "gauge" | "histogram";
  /** Names of its attributes. */
  readonly attributes: readonly string[];
  /** A sentence, with the unit where there is one. */
  readonly meaning: string;
}

const counter = (meaning: string, ...attributes: string[]): Metric => ({
  type: "counter",
  attributes,
  meaning,
});
const gauge = (meaning: string, ...attributes: string[]): Metric => ({
  type: "gauge",
  attributes,
  meaning,
});
const histogram = (meaning: string, ...attributes: string[]): Metric => ({
  type: "histogram",
  attributes,
  meaning,
});

/** By name, as it is measured. */
export const metrics: Readonly<Record<string, Metric>> = {
  // Of the process.
  "shelfcast.build_info": gauge("1, with the version that runs", "version"),
  "shelfcast.event_loop.lag_ms": gauge(
    "The longest that the process answered nobody in the last second, in ms",
  ),
  "shelfcast.log.lines_left_out": counter(
    "Lines of the process's log that were not written as nobody reads them fast enough",
  ),
  "shelfcast.telemetry.dropped": counter("Numbers that did not fit their metric"),

  // Of requests.
  "shelfcast.http.request_ms": histogram(
    "How long requests took, in ms, until their answer's head was ready",
    "method",
    "route",
    "status",
  ),
  "shelfcast.http.turned_away": counter(
    "Requests refused at the door, as too many are under way or came from one client",
    "reason",
  ),
  "shelfcast.http.connections_shed": counter(
    "Idle connections closed to make room for others",
  ),

  // Of the shelf.
  "shelfcast.catalogue.healthy": gauge("1 while the database answers, else 0"),
  "shelfcast.catalogue.health_changed_at_ms": gauge(
    "Since when it is so, in ms since 1970",
  ),
  "shelfcast.books.added": counter("Books put on the shelf"),
  "shelfcast.books.updated": counter("Books changed"),
  "shelfcast.books.removed": counter("Books taken off the shelf"),

  // From a search to the log.
  "shelfcast.events.offered": counter("Events that searches offered to the queue"),
  "shelfcast.events.accepted": counter("Events that the queue accepted"),
  "shelfcast.events.refused": counter("Events that the queue refused", "reason"),
  "shelfcast.events.pending": gauge("Events offered and not answered yet"),
  "shelfcast.events.late": counter(
    "Events not answered within mq.accept_timeout_ms; their answers came, or come, later",
  ),
  "shelfcast.events.accept_ms": histogram("How long the queue took to answer, in ms"),
  "shelfcast.queue.healthy": gauge("1 while the queue is well, 0 while it is not", "queue"),
  "shelfcast.queue.health_changed_at_ms": gauge(
    "Since when it is so, in ms since 1970",
    "queue",
  ),
  "shelfcast.queue.dropped": counter(
    "Records taken away from the memory queue to make room",
    "topic",
    "reason",
  ),

  // The ledger: accepted = delivered + dead_lettered + dropped + queued + lost, for each group.
  "shelfcast.ledger.accepted": gauge("Events that the log has ever accepted", "topic"),
  "shelfcast.ledger.delivered": gauge("Of these, what the group has handled", "topic", "group"),
  "shelfcast.ledger.dead_lettered": gauge(
    "Of these, what the group gave up into the dead letters",
    "topic",
    "group",
  ),
  "shelfcast.ledger.dropped": gauge(
    "Of these, what was taken away before the group read it; group empty: before anybody did",
    "topic",
    "group",
  ),
  "shelfcast.ledger.queued": gauge("Of these, what waits for the group", "topic", "group"),
  "shelfcast.ledger.lost": gauge(
    "Of these, what is nowhere any more. Wake somebody where it is not 0",
    "topic",
    "group",
  ),
  "shelfcast.ledger.mismatch": gauge(
    "By how many events the two sides of an account differ. Wake somebody where it is not 0",
    "account",
    "group",
  ),
  "shelfcast.ledger.unreadable": counter("Times that the ledger could not be read"),

  // The file log.
  "shelfcast.file_log.append_ms": histogram(
    "How long writing and syncing a batch took, in ms",
    "topic",
  ),
  "shelfcast.file_log.held_records": gauge(
    "Records that are kept because a required group has yet to read them",
    "topic",
    "group",
  ),
  "shelfcast.file_log.held_bytes": gauge("Their bytes", "topic", "group"),
  "shelfcast.file_log.dropped": counter(
    "Records that readers passed over, as they were taken away or are damaged",
    "topic",
    "reason",
  ),
  "shelfcast.file_log.torn_batches": counter(
    "Batches cut off at a start, that a crash left half written and nobody was told of",
    "topic",
  ),
  "shelfcast.file_log.recovered_bytes": counter(
    "Bytes at a log's end that a start wrote anew, as nobody had synced them",
    "topic",
  ),
  "shelfcast.file_log.removed": counter(
    "Records of logs whose folder was removed or moved away in use. Wake somebody where it grows",
    "topic",
  ),
  "shelfcast.file_log.corruptions": counter(
    "Damages found in what was accepted. Wake somebody where it grows",
    "topic",
  ),

  // Store and forward.
  "shelfcast.forwarder.lag_records": gauge(
    "Records in the buffer that the brokers do not have yet",
    "topic",
  ),
  "shelfcast.forwarder.window_records": gauge("Records on their way to the brokers", "topic"),
  "shelfcast.forwarder.delivered": counter("Records that the brokers took"),
  "shelfcast.forwarder.dead_lettered": counter(
    "Records that the brokers refuse for good, written to the dead letters",
    "reason",
  ),
  "shelfcast.forwarder.restarts": counter("Times that forwarding began anew after an error"),
  "shelfcast.forwarder.stuck_topics": gauge("Topics of the buffer that nobody forwards"),

  // Kafka.
  "shelfcast.kafka.held_bytes": gauge("Bytes that wait in memory for the brokers"),
  "shelfcast.kafka.records_delivered": counter("Records that the brokers took", "topic"),
  "shelfcast.kafka.batch_records": histogram("Records in a request for one partition", "topic"),
  "shelfcast.kafka.send_failures": counter(
    "Requests with records that failed; what can be tried again is",
    "topic",
    "reason",
  ),
  "shelfcast.kafka.records_gone": counter(
    "Records that a topic's retention took before a reader of this process came to them",
    "topic",
  ),
  "shelfcast.kafka.records_past_retention": counter(
    "Records that were older on arrival than the topic keeps them",
    "topic",
  ),

  // Consumers.
  "shelfcast.consumer.lag_records": gauge(
    "Records that the consumer has yet to read, of the partitions that it has",
    "consumer",
  ),
  "shelfcast.consumer.applied": counter(
    "Events that changed what the consumer keeps",
    "consumer",
  ),
  "shelfcast.consumer.repeated": counter(
    "Events that came again, and changed nothing",
    "consumer",
  ),
  "shelfcast.consumer.read_again": counter(
    "Records read again, as the consumer's database lacked what its group had passed",
    "consumer",
  ),
  "shelfcast.consumer.too_old": counter(
    "Events passed over, as repeats of their age are not known any more",
    "consumer",
  ),
  "shelfcast.consumer.dead_lettered": counter(
    "Records that no event can be read from, written to the dead letters",
    "consumer",
    "reason",
  ),
  "shelfcast.consumer.faults": counter(
    "Errors that made the consumer begin anew",
    "consumer",
    "kind",
  ),
  "shelfcast.consumer.restarts": counter(
    "Times that the consumer was opened anew",
    "consumer",
  ),
};
