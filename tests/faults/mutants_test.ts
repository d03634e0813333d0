import { describeMutants } from "./describe_mutants.ts";
import { mutants } from "./mutants.ts";

describeMutants("the file log", "adapters/queue/file_log/", mutants);
