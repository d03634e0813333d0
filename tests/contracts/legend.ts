/**
 * What the ids in the names of laws and tests mean, one line a law. P is for publishing, O for
 * outages, S for shutdown, crashes and several processes, G for groups and consumers, K for what is
 * closed (codes, words, checks), D for what an adapter declares, M for models and mutants. A test
 * keeps it complete.
 */
export interface Legend {
  readonly law: string;
  /** Where it is proved, besides or instead of the suite: files and folders, from `tests/`. */
  readonly in?: readonly string[];
  /** Why nothing proves it yet. */
  readonly notYet?: string;
}

export const legend = {
  P1: { law: "Every record that is published arrives, once" },
  P2: { law: "The bytes of a value are exact: not UTF-8, none, null, near the size limit" },
  P3: { law: "Headers come back as an ordered list; what is no header is refused" },
  P4: { law: "Keys are exact, and no key is not an empty key" },
  P5: { law: "A timestamp is kept, and a record without one gets the present" },
  P6: { law: "The order of calls is the order of records: per key, or per topic where declared" },
  P7: { law: "That order holds over refusals and restarts" },
  P8: { law: "Topics do not leak into each other" },
  P9: { law: "Several publishers and several consumers at once: none lost" },
  P10: {
    law: "One report a record, which says where it stands; it is seen by whoever waits for it",
  },

  O1: {
    law:
      "While brokers are in trouble accepting keeps its budget, and refuses nothing because of them",
    in: ["faults/kafka/proxy_modes_test.ts", "faults/kafka/broker_faults_test.ts"],
  },
  O2: {
    law: "Memory and disk stay within their bounds, however long it lasts",
    in: ["faults/kafka/long_outage_test.ts"],
  },
  O3: {
    law: "When it is over all that was accepted arrives, without a restart, in the order of keys",
    in: ["faults/kafka/proxy_modes_test.ts", "faults/kafka/broker_faults_test.ts"],
  },
  O4: {
    law: "A backlog drains while new events come, and searches keep their latency",
    in: ["faults/kafka/proxy_modes_test.ts"],
  },
  O5: {
    law: "Attempts to connect are bounded: they back off, with jitter",
    in: ["faults/kafka/long_outage_test.ts"],
  },
  O6: {
    law: "Health says so within five seconds, and that it is over within five more",
    in: ["faults/kafka/health_under_fault_test.ts", "faults/kafka/proxy_modes_test.ts"],
  },
  O7: {
    law: "The shop starts while the brokers are away",
    in: ["faults/kafka/proxy_modes_test.ts", "faults/kafka/credentials_test.ts"],
  },
  O8: {
    law: "None of it sends a backlog to the dead letters: these are for poison",
    in: ["faults/kafka/broker_faults_test.ts", "faults/kafka/credentials_test.ts"],
  },

  S1: { law: "Closing right after publishing loses nothing that was accepted" },
  S2: {
    law: "Closing while the brokers are away ends in time; what stays in the buffer is told",
    in: ["e2e/shutdown_away_test.ts"],
  },
  S3: { law: "Closing twice is closing once, and what comes later is refused with closed" },
  S4: { law: "Closing works while reports are awaited and while nobody reads" },
  S5: {
    law: "Killed at any moment: what was accepted is there, and nothing is invented",
    in: [
      "adapters/file_log/processes_test.ts",
      "faults/kill_loops_test.ts",
      "faults/kafka/kill_service_test.ts",
    ],
  },
  S6: {
    law: "A torn, damaged or missing piece of a log is never silently wrong",
    in: ["faults/damage_everywhere_test.ts"],
  },
  S7: {
    law:
      "A disk that is full, failing, slow or gone: refused with the reason, accepted again, none lost",
    in: ["faults/real_disk_test.ts", "adapters/file_log", "e2e/unusable_directory_test.ts"],
  },
  S8: {
    law: "Several processes at one log: all records whole, each publisher's in order",
    in: ["adapters/file_log/processes_test.ts"],
  },
  S9: {
    law: "A format of the past is read, one of the future is refused and left alone",
    in: ["adapters/file_log/format_1_test.ts", "adapters/file_log/damage_test.ts"],
  },
  S10: {
    law: "Opening with a backlog of a million records is bounded in time and memory",
    in: ["faults/backlog_test.ts"],
  },
  S11: {
    law: "After a power cut no commit is past what survived",
    in: ["faults/crash_points_test.ts"],
  },

  G1: { law: "Groups are independent of each other, also those of one name on different topics" },
  G2: {
    law: "Members share partitions or stand by, as declared; who takes over begins at the commit",
  },
  G3: { law: "A group goes on behind its commit, also after a restart" },
  G4: {
    law: "A commit never passes a record that nobody has handled, in whatever order batches commit",
  },
  G5: {
    law: "Members come and go while records flow: none is lost, and who has left cannot commit",
    in: ["faults/kafka/members_storm_test.ts", "faults/kafka/consumers_storm_test.ts"],
  },
  G6: {
    law:
      "A handler that throws is tried again in place; order is kept, nothing is passed but poison",
    in: ["use_cases/consume_events_test.ts"],
  },
  G7: {
    law: "What cannot be decoded goes to the dead letters",
    in: ["use_cases/consume_events_test.ts"],
  },
  G8: {
    law: "A dead letter keeps key, value and headers, and says why; repeats do not pile up",
    in: [
      "use_cases/forward_events_test.ts",
      "use_cases/forward_in_trouble_test.ts",
      "cli/dead_letters_test.ts",
    ],
  },
  G9: {
    law: "Dead letters can be sent again, for the group that failed",
    in: ["cli/dead_letters_test.ts", "use_cases/forward_redriven_test.ts"],
  },
  G10: { law: "A group says where it stands, and is reset while it has no active member" },
  G11: { law: "Reading starts where it was told, and without a group leaves no trace" },
  G12: { law: "Reading until the end stops there" },
  G13: { law: "A batch is bounded, of one partition, in order, and says where the partition ends" },
  G14: {
    law:
      "A topic made anew, a database restored, a queue switched there and back: nothing is passed over in silence, no effect doubled",
    in: [
      "use_cases/consume_events_test.ts",
      "adapters/kafka/remade_topic_test.ts",
      "adapters/kafka/groups_test.ts",
      "adapters/file_log/remade_topic_test.ts",
      "e2e/switch_queue_test.ts",
      "e2e/consumers_test.ts",
    ],
  },

  K1: { law: "Every error code is produced by a test", in: ["contracts/error_codes_test.ts"] },
  K2: { law: "An abort ends waiting" },
  K3: { law: "An unknown topic has its code, and consumers make none" },
  K4: { law: "A record that is too large is refused alone, with its size and the limit" },
  K5: {
    law: "What is counted is what happened, and a falsified count raises the alarm",
    in: [
      "faults/ledger_test.ts",
      "adapters/file_log/log_ledger_test.ts",
      "use_cases/audit_ledger_test.ts",
    ],
  },
  K6: { law: "The trace context of a search reaches the consumer", in: ["http/books_api_test.ts"] },
  K7: {
    law: "No secret is in logs, metrics or errors",
    in: ["config/secrets_test.ts", "adapters/kafka/sasl_test.ts"],
  },
  K8: { law: "Health answers at once and never throws" },

  D1: { law: "A topic has one partition, or several and each key one of them, as declared" },
  D2: { law: "What was committed can be read again, where declared" },
  D3: { law: "The largest record that is declared is taken, and no larger one" },
  D4: { law: "What is left when a process has ended is what is declared" },

  M1: {
    law: "The file log equals the memory log after every step of random histories",
    in: ["faults/model_test.ts"],
  },
  M2: {
    law: "Minutes of random faults: every accepted event is there in the end",
    in: ["faults/kafka/conservation_test.ts"],
  },
  M3: {
    law: "The code with one guarantee taken out fails a test, and so does a log that lies",
    in: ["faults/mutants_test.ts", "contracts/lies_test.ts"],
  },
} as const satisfies Record<string, Legend>;

export type LawId = keyof typeof legend;
