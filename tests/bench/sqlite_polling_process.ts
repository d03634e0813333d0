/**
 * The reader of `sqlite_polling.ts`. Arguments: the file, and how often it asks, in ms. It prints
 * when it begins, then the time at which it had each record; the CPU time it has taken whenever it
 * is asked by a byte; and ends with its input.
 */
import process from "node:process";
import { DatabaseSync } from "node:sqlite";

const [file = "", everyMs = "10"] = Deno.args;
const db = new DatabaseSync(file);
const since = db.prepare("SELECT offset FROM records WHERE offset > ? ORDER BY offset");
let last = 0;

console.log(0);
const timer = setInterval(() => {
  for (const { offset } of since.all(last)) {
    last = Number(offset);
    console.log(performance.timeOrigin + performance.now());
  }
}, Number(everyMs));

for await (const _ of Deno.stdin.readable) {
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1000);
}
clearInterval(timer);
db.close();
