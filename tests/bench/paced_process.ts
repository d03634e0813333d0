/**
 * One way to the disk in a process of its own, because its disk is made slow from outside. Prints
 * what it measured, as JSON.
 */
import { durableWays } from "./durable_ways.ts";
import { benchPaced } from "./paced_appends.ts";

const [name = "", directory = "", ratePerSecond = "", forMs = ""] = Deno.args;
const open = durableWays[name as keyof typeof durableWays];
if (open === undefined) throw new Error(`No way to the disk is called "${name}"`);
console.log(JSON.stringify(
  await benchPaced(await open(directory), Number(ratePerSecond), Number(forMs)),
));
// A Worker that was ended may keep the process for a moment.
Deno.exit(0);
