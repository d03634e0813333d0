import { acceptanceMutants } from "./acceptance_mutants.ts";
import { backlogMutants } from "./backlog_mutants.ts";
import { consumerMutants } from "./consumer_mutants.ts";
import { describeMutants } from "./describe_mutants.ts";
import { fetchMutants } from "./fetch_mutants.ts";
import { forwardMutants } from "./forward_mutants.ts";
import { hostileMutants } from "./hostile_mutants.ts";
import { publisherMutants } from "./publisher_mutants.ts";
import { senderMutants } from "./sender_mutants.ts";

describeMutants(
  "store and forward, of Kafka's publisher and readers, of consumers and of HTTP",
  "",
  [
    ...forwardMutants,
    ...backlogMutants,
    ...acceptanceMutants,
    ...senderMutants,
    ...publisherMutants,
    ...fetchMutants,
    ...consumerMutants,
    ...hostileMutants,
  ],
);
