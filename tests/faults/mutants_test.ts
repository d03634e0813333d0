/** The code with one guarantee taken out fails a test (M3). */
import { describeMutants } from "./describe_mutants.ts";
import { mutants } from "./mutants.ts";

describeMutants("the file log", "adapters/queue/file_log/", mutants);
