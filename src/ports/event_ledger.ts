/**
 * The port for the ledger of a log that lasts: what it took, and what became of it for a group. For
 * each group, at any time and over restarts,
 *
 *     accepted = recordsBefore + delivered + deadLettered + dropped + queued + lost
 *
 * One adapter serves it, the file log, for audits and operators; events need only `EventQueue` and
 * `EventSource`.
 *
 * **Each number has its own source**, so that the sum can fail: `accepted` is what the log counted
 * when it took the records; `recordsBefore`, `delivered`, `deadLettered` and `dropped` are what the
 * group counted when its position passed them, each record once; `queued` is counted anew from what
 * is stored behind the position. Nothing is derived from the sum.
 *
 * Offsets may jump where a record was rejected or damaged; these are numbers of records, and do
 * not.
 *
 * Reading stores nothing, takes no lock, and does not disturb a log that is in use: records that
 * are taken or committed meanwhile make no fault.
 */
export interface EventLedger {
  /**
   * The ledger as it is now.
   *
   * @param groups Those for which the log keeps its records, or did until they were given up, are
   *   added; those that have committed nothing yet are left out of the answer.
   * @throws {QueueError} by rejection, where they cannot be read: `unknown_topic`, `corrupt`,
   *   `unauthorized`, `unavailable`.
   */
  read(topic: string, groups: readonly string[]): Promise<TopicLedger>;
}

/** The ledger of a topic. */
export interface TopicLedger {
  /** The topic's name. */
  readonly topic: string;
  /**
   * Hexadecimal. A topic that is removed and made again is another log, and its ledger begins anew.
   */
  readonly logId: string;
  /** The records that the log took, ever. */
  readonly accepted: number;
  /** The offset of the next record. */
  readonly end: bigint;
  /** The records that the log took before the oldest that it still holds. */
  readonly takenAway: number;
  /**
   * False: a process that wrote to the log ended before it could say how far it came, and no other
   * has written since. What is counted is what is known to be accepted; a sum that fails is then no
   * fault.
   */
  readonly isSettled: boolean;
  /** In the order in which they were asked for, the others behind them. */
  readonly groups: readonly GroupLedger[];
  /** Where the ledger does not balance; empty: it does. */
  readonly faults: readonly LedgerFault[];
}

/** What became of a log's records for a group. */
export interface GroupLedger {
  /** The group's name. */
  readonly group: string;
  /** The offset of the next record that it gets. */
  readonly position: bigint;
  /** What the log took before the group's first position: never the group's. */
  readonly recordsBefore: number;
  /** Handled, or published elsewhere. */
  readonly delivered: number;
  /** Put away as what can never be delivered. */
  readonly deadLettered: number;
  /** Accepted and never handed out: damaged and given up, or taken away at the operator's wish. */
  readonly dropped: number;
  /** Stored behind the position. */
  readonly queued: number;
  /**
   * Behind the position, and known to be damaged or taken away: the group counts them as dropped
   * when it passes them.
   */
  readonly lost: number;
}

/** Two numbers that should be equal and are not. */
export interface LedgerFault {
  /**
   * `segments`: what the log took against what it holds. `group`: what it took against what became
   * of that.
   */
  readonly account: "segments" | "group";
  /** Of the account `group`: its name. */
  readonly group?: string;
  /** Records of which nothing is known, below 0: records too many. */
  readonly missing: number;
  /** In words: which numbers, and where they stand. */
  readonly what: string;
}
