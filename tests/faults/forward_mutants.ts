/** Mutants of store and forward. */
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const forwarding = (test: string): Killer => ({
  file: "tests/use_cases/forward_events_test.ts",
  test,
});
const forwardingInTrouble = (test: string): Killer => ({
  file: "tests/use_cases/forward_in_trouble_test.ts",
  test,
});
const pace = (test: string): Killer => ({
  file: "tests/use_cases/forward_pace_test.ts",
  test,
});
const deadLetters = (test: string): Killer => ({
  file: "tests/use_cases/dead_letters_test.ts",
  test,
});

const redriven = (test: string): Killer => ({
  file: "tests/use_cases/forward_redriven_test.ts",
  test,
});
const redrive = (test: string): Killer => ({
  file: "tests/cli/dead_letters_test.ts",
  test,
});

/**
 * What goes wrong between a search, the buffer and the brokers. Paths from the project's folder.
 */
export const forwardMutants: readonly Mutant[] = [
  {
    name: "committed before the report",
    file: "src/use_cases/forward_pass.ts",
    from: "    underWay += 1;\n    options.target.publish(",
    to:
      '    underWay += 1;\n    window.handle(entry, index, "delivered");\n    options.target.publish(',
    killer: forwarding(
      "commits nothing that has no delivery report, however far later records are",
    ),
  },
  {
    name: "all batches committed when one of them is handled",
    file: "src/use_cases/forward_window.ts",
    from: "      if (entry.unhandled > 0) return;\n",
    to: "",
    killer: forwarding(
      "commits nothing that has no delivery report, however far later records are",
    ),
  },
  {
    name: "batch committed while one of its records is not handled",
    file: "src/use_cases/forward_window.ts",
    from: "if (entry.unhandled === 0) commitCompleted();",
    to: "if (index === entry.outcomes.length - 1) { entry.unhandled = 0; commitCompleted(); }",
    killer: forwarding(
      "gives a record up only for its own sake: too_large goes to the dead letters, its neighbours arrive",
    ),
  },
  {
    name: "stopped with a commit past an unhandled record",
    file: "src/use_cases/forward_window.ts",
    from: "first?.outcomes.indexOf(undefined) ?? 0",
    to: "first?.outcomes.filter((outcome) => outcome !== undefined).length ?? 0",
    killer: forwarding(
      "commits nothing that has no delivery report, however far later records are",
    ),
  },
  {
    name: "published again while the old is under way",
    file: "src/use_cases/forward_pass.ts",
    from: "(underWay === 0 && !window.isCommitting)",
    to: "!window.isCommitting",
    killer: forwarding(
      "publishes again from the first that was given up, when nothing is under way any more",
    ),
  },
  {
    name: "stopped while a commit is under way",
    file: "src/use_cases/forward_pass.ts",
    from: "(underWay === 0 && !window.isCommitting)",
    to: "underWay === 0",
    killer: forwardingInTrouble("stop() waits for a commit that is under way"),
  },
  {
    name: "newer published behind a rejection",
    file: "src/use_cases/forward_pass.ts",
    from: "        await pause(clock, stride.pauseMs, stop);\n",
    to: "",
    killer: forwarding(
      "publishes nothing newer between a rejection and the moment when it hears of it",
    ),
  },
  {
    name: "a backlog beside searches under way all at once",
    file: "src/use_cases/forward_pass.ts",
    from: "        await untilFewAreUnderWay(stride.underWay);\n",
    to: "",
    killer: pace(
      "beside searches little of it is under way, and records without an answer hold up the others only for a moment",
    ),
  },
  {
    name: "a backlog beside searches held up by a partition that does not answer",
    file: "src/use_cases/forward_pass.ts",
    from: "      isLate = true;\n",
    to: "",
    killer: pace(
      "beside searches little of it is under way, and records without an answer hold up the others only for a moment",
    ),
  },
  {
    name: "window without bounds",
    file: "src/use_cases/forward_pass.ts",
    from: "isEnding() || window.fits(batch)",
    to: "true",
    killer: forwarding("has no more on the way than its window, in records and in bytes"),
  },
  {
    name: "window without a bound of bytes",
    file: "src/use_cases/forward_window.ts",
    from: " && bytes + sizeOf(batch) <= maxBytes",
    to: "",
    killer: forwarding("has no more on the way than its window, in records and in bytes"),
  },
  {
    name: "record that is larger than the window blocks",
    file: "src/use_cases/forward_window.ts",
    from: "records === 0 || (records",
    to: "(records",
    killer: forwardingInTrouble("a record that is larger than the window goes alone"),
  },
  {
    name: "room of what was committed not given back",
    file: "src/use_cases/forward_window.ts",
    from: "      grow(-batch.records.length, -bytes);\n",
    to: "",
    killer: forwarding("has no more on the way than its window, in records and in bytes"),
  },
  {
    name: "handled records known by their offset only",
    file: "src/use_cases/forward_window.ts",
    from: "`${offset} ${id}`",
    to: "`${offset}`",
    killer: forwardingInTrouble(
      "what has the offset, or the id, of a record that was reported is not taken for it",
    ),
  },
  {
    name: "handled records known by their id only",
    file: "src/use_cases/forward_window.ts",
    from: "`${offset} ${id}`",
    to: "id",
    killer: forwardingInTrouble(
      "what has the offset, or the id, of a record that was reported is not taken for it",
    ),
  },
  {
    name: "what was reported published again",
    file: "src/use_cases/forward_pass.ts",
    from: "handledBefore.size === 0",
    to: "handledBefore.size >= 0",
    killer: forwarding(
      "publishes again from the first that was given up, when nothing is under way any more",
    ),
  },
  {
    name: "dead letter of an earlier pass counted as delivered",
    file: "src/use_cases/forward_pass.ts",
    from: "window.handle(entry, index, before)",
    to: 'window.handle(entry, index, "delivered")',
    killer: forwardingInTrouble(
      "a dead letter is written once and told with the commit, also where another pass commits it",
    ),
  },
  {
    name: "stopped without a commit of what was delivered",
    file: "src/use_cases/forward_pass.ts",
    from: "    await window.commitBeginning().catch(fail);\n",
    to: "",
    killer: forwarding(
      "stop() waits for what is under way; what was not reported is published by the next",
    ),
  },
  {
    name: "reads on while it stops",
    file: "src/use_cases/forward_pass.ts",
    from: '  stop.addEventListener("abort", end);\n',
    to: "",
    killer: forwarding(
      "stop() waits for what is under way; what was not reported is published by the next",
    ),
  },
  {
    name: "stopped without waiting for reports",
    file: "src/use_cases/forward_pass.ts",
    from: "() => abandon.aborted ||",
    to: "() => stop.aborted || abandon.aborted ||",
    killer: forwarding(
      "stop() waits for what is under way; what was not reported is published by the next",
    ),
  },
  {
    name: "every error is poison",
    file: "src/use_cases/forward_pass.ts",
    from: " || !recordFaults.has(error.code)",
    to: "",
    killer: forwarding(
      "tries again for ever, and says so: outcome_unknown sends nothing to the dead letters",
    ),
  },
  {
    name: "missing rights are poison",
    file: "src/ports/queue_error.ts",
    from: '"invalid_record"]',
    to: '"invalid_record", "unauthorized"]',
    killer: forwarding(
      "tries again for ever, and says so: unauthorized sends nothing to the dead letters",
    ),
  },
  {
    name: "brokers that are away are poison",
    file: "src/ports/queue_error.ts",
    from: '"invalid_record"]',
    to: '"invalid_record", "unavailable"]',
    killer: forwarding(
      "tries again for ever, and says so: unavailable sends nothing to the dead letters",
    ),
  },
  {
    name: "record that is too large blocks those behind it",
    file: "src/ports/queue_error.ts",
    from: '["too_large", "invalid_record"]',
    to: '["invalid_record"]',
    killer: forwarding(
      "gives a record up only for its own sake: too_large goes to the dead letters, its neighbours arrive",
    ),
  },
  {
    name: "dead letter taken for durable before it is",
    file: "src/use_cases/forward_pass.ts",
    from:
      '    deadLetters.write(entry.batch.partition, record, error).then(() => {\n      underWay -= 1;\n      observer.deadLettered(record, error.code);\n      if (!isOver) window.handle(entry, index, "dead_lettered");',
    to:
      '    window.handle(entry, index, "dead_lettered");\n    deadLetters.write(entry.batch.partition, record, error).then(() => {\n      underWay -= 1;\n      observer.deadLettered(record, error.code);',
    killer: forwardingInTrouble(
      "counts and commits a poisoned record only when its dead letter is durable, and writes it until it is",
    ),
  },
  {
    name: "dead letter not awaited",
    file: "src/use_cases/dead_letters.ts",
    from: "await log.publish(deadLetters",
    to: "void log.publish(deadLetters",
    killer: forwardingInTrouble(
      "counts and commits a poisoned record only when its dead letter is durable, and writes it until it is",
    ),
  },
  {
    name: "dead letter that was not written taken for written",
    file: "src/use_cases/dead_letters.ts",
    from: "          await pause(clock, retryMs, signal);",
    to: "          return;",
    killer: forwardingInTrouble(
      "counts and commits a poisoned record only when its dead letter is durable, and writes it until it is",
    ),
  },
  {
    name: "commit does not tell of dead letters",
    file: "src/use_cases/forward_window.ts",
    from: "{ deadLettered })",
    to: "{})",
    killer: forwarding(
      "gives a record up only for its own sake: too_large goes to the dead letters, its neighbours arrive",
    ),
  },
  {
    name: "a backlog can empty into the dead letters",
    file: "src/use_cases/dead_letters.ts",
    from: "times.length < mostPerMinute",
    to: "times.length >= 0",
    killer: forwarding("more than 100 dead letters in a minute make it pause, and say so"),
  },
  {
    name: "brake not told in the health",
    file: "src/use_cases/forward_events.ts",
    from: 'braked.status === "degraded" ? braked : health.now',
    to: "health.now",
    killer: forwarding("more than 100 dead letters in a minute make it pause, and say so"),
  },
  {
    name: "brake held until a clock that was set back is where it was",
    file: "src/use_cases/dead_letters.ts",
    from: "Math.abs(now - time)",
    to: "(now - time)",
    killer: deadLetters(
      "a clock that is set back does not hold them until the clock is where it was",
    ),
  },
  {
    name: "commit of a member that has left repeated for ever",
    file: "src/use_cases/forward_window.ts",
    from: "if (!(error instanceof QueueError) || !error.retriable) {",
    to: "if (clock.now() < 0) {",
    killer: forwardingInTrouble(
      "begins again from the commit where the group has been taken from it",
    ),
  },
  {
    name: "error that the port forbids ends the forwarder",
    file: "src/use_cases/forward_events.ts",
    from: ".catch((error): ForwardedPass => ({ error, handled: handledBefore }))",
    to: "",
    killer: forwardingInTrouble("survives errors that the ports forbid"),
  },
  {
    name: "passes follow each other as often as at first",
    file: "src/use_cases/forward_events.ts",
    from: "progress.hasMoved ? 1 : failures + 1",
    to: "1",
    killer: forwardingInTrouble(
      "asks less and less often while all is refused, but every five seconds",
    ),
  },
  {
    name: "passes come ever more seldom",
    file: "src/ports/clock.ts",
    from: "Math.min(mostMs, firstMs",
    to: "Math.max(mostMs, firstMs",
    killer: forwardingInTrouble(
      "asks less and less often while all is refused, but every five seconds",
    ),
  },
  {
    name: "timestamp not forwarded",
    file: "src/use_cases/forward_pass.ts",
    from: "value, headers, timestamp };",
    to: "value, headers };",
    killer: forwarding(
      "publishes what is in the buffer unchanged and in order, and commits what was reported",
    ),
  },
  {
    name: "redriven for the forwarder alone, and passed over by all behind it",
    file: "src/use_cases/forward_pass.ts",
    from: "headersWithoutRedrive(record.headers, group)",
    to: "record.headers",
    killer: redriven(
      "G9 a record that came back for it goes on as it was, one that came back for others as it is",
    ),
  },
  {
    name: "redriven without the group's name",
    file: "src/wire/redriven_record.ts",
    from: "      [deadLetterHeaders.redriveGroup, new TextEncoder().encode(group)],\n",
    to: "",
    killer: redrive("G9 redrive: each goes back once, as it was, for the group that gave it up"),
  },
  {
    name: "redriven and not committed",
    file: "src/use_cases/redrive_dead_letters.ts",
    from: "    await batch.commit(through);\n",
    to: "",
    killer: redrive("G9 redrive: each goes back once, as it was, for the group that gave it up"),
  },
  {
    name: "dead letter given up with its group taken for written",
    file: "src/use_cases/dead_letters.ts",
    from: '      throw new QueueError("aborted",',
    to: '      if (topic === "") throw new QueueError("aborted",',
    killer: deadLetters("are given up when the group is stopped, and not taken for written"),
  },
  {
    name: "what has gathered taken for a backlog",
    file: "src/use_cases/forward_pace.ts",
    from: "const fresh = unread + growth;",
    to: "const fresh = growth;",
    killer: pace("those that have gathered and are read in pieces are no backlog"),
  },
];
