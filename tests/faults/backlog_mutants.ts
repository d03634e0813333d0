/** Mutants of what was accepted under other names of the topic. */
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const backlogs = (test: string): Killer => ({
  file: "tests/use_cases/forward_backlogs_test.ts",
  test,
});

const configured = (test: string): Killer => ({
  file: "tests/composition/backlogs_test.ts",
  test,
});

/** What goes wrong after a change of the configuration. Paths from the project's folder. */
export const backlogMutants: readonly Mutant[] = [
  {
    name: "topics of earlier configurations are not forwarded",
    file: "src/use_cases/forward_backlogs.ts",
    from: "      begin(found.topics, isFirst);\n",
    to: "",
    killer: backlogs(
      "delivers what was accepted under other names, each to the topic of its name, in order",
    ),
  },
  {
    name: "topics of earlier configurations are looked for at the start only",
    file: "src/use_cases/forward_backlogs.ts",
    from: "await pause(clock, lookMs, stopping.signal);",
    to: "return;",
    killer: backlogs(
      "takes over what another process leaves, within a minute, and nothing that it holds",
    ),
  },
  {
    name: "a topic that nobody accepted for the forwarder is delivered",
    file: "src/use_cases/find_backlogs.ts",
    from: "if (own === undefined) others.push(topic);",
    to:
      "if (own === undefined) found.push({ inspection, backlog: { topic, lag: undefined, isHeld: false } });",
    killer: backlogs(
      "leaves alone what was never accepted for it: other topics, and dead letters",
    ),
  },
  {
    name: "dead letters are delivered as if they were a topic",
    file: "src/use_cases/find_backlogs.ts",
    from: "    if (isDeadLetterTopic(topic)) continue;\n",
    to: "",
    killer: backlogs(
      "leaves alone what was never accepted for it: other topics, and dead letters",
    ),
  },
  {
    name: "a copy of a topic's folder is delivered",
    file: "src/use_cases/find_backlogs.ts",
    from: "const twin = sameLog.find((name) => name !== topic);",
    to: "const twin = undefined;",
    killer: backlogs(
      "tells of a folder that cannot be read, and of a copy, which it does not deliver",
    ),
  },
  {
    name: "a topic is given up at the first refusal",
    file: "src/use_cases/forward_pass.ts",
    from: "isReadToEnd && failure === undefined",
    to: "isReadToEnd",
    killer: backlogs("what is refused after all was read is tried again, too"),
  },
  {
    name: "what an operator has given up waits all the same",
    file: "src/use_cases/find_backlogs.ts",
    from: 'else if (own.hold !== "released") {',
    to: "else {",
    killer: configured('mq.adapter is "file": what an operator has given up is not told any more'),
  },
  {
    name: "retention passes topics of earlier configurations over",
    file: "src/composition/event_path.ts",
    from: "[topic, ...await olderTopics(options.findBacklogs, topic)]",
    to: "[topic]",
    killer: configured("a topic of an earlier configuration is looked after as that of today is"),
  },
  {
    name: "what nobody forwards is not told",
    file: "src/use_cases/forward_backlogs.ts",
    from: "forward === undefined ? found.topics.filter(isLeft) : []",
    to: "[]",
    killer: backlogs("says what waits where this configuration forwards nothing"),
  },
];
