/** Mutants of what readers of Kafka fetch, and share. */
import type { Killer } from "./killers.ts";
import type { Mutant } from "./mutants.ts";

const sharing = (test: string): Killer => ({
  file: "tests/adapters/kafka/shared_fetches_test.ts",
  test,
});
const fetching = (test: string): Killer => ({
  file: "tests/adapters/kafka/partition_fetcher_test.ts",
  test,
});

/** What goes wrong between readers of one process. Paths from the project's folder. */
export const fetchMutants: readonly Mutant[] = [
  {
    name: "records of a topic that was made again given for those of the new one",
    file: "adapters/queue/kafka/consume/shared_fetches.ts",
    from: "        shared.kept = [];\n        shared.flights.clear();\n",
    to: "",
    killer: sharing("but nothing of another place, partition or topic, or where that is not known"),
  },
  {
    name: "records before the place that was asked for given again",
    file: "adapters/queue/kafka/consume/shared_fetches.ts",
    from: "if (from === position) return [answer];",
    to: "if (from <= position) return [answer];",
    killer: sharing("from the place on that was asked for"),
  },
  {
    name: "another's fault taken for one's own",
    file: "adapters/queue/kafka/consume/shared_fetches.ts",
    from: "        .catch(() => undefined);\n",
    to: "        .catch((error) => Promise.reject(error));\n",
    killer: sharing(
      "asks for itself where the other's fails, is silent, or should have been answered",
    ),
  },
  {
    name: "what was fetched long ago given for what is there",
    file: "adapters/queue/kafka/consume/shared_fetches.ts",
    from: "Math.abs(now - at) <= keptMs",
    to: "now >= at",
    killer: sharing("nothing that came long ago"),
  },
  {
    name: "what is there already fetched only when some is handed out",
    file: "adapters/queue/kafka/consume/partition_fetcher.ts",
    from: "tenure.position < tenure.end",
    to: "tenure.position < 0n",
    killer: fetching(
      "what is there already is fetched at once, as is what comes where all is handed out",
    ),
  },
];
