/** The README's worked example is a real adapter: the whole contract suite judges it. */
import { judgeEventLog } from "../contracts/event_log.ts";
import { sqliteHarness } from "./sqlite_harness.ts";

judgeEventLog("example/sqlite", sqliteHarness);
