/** Mutants of the file log, and what a mutant is. */
import { corruptionMutants } from "./corruption_mutants.ts";
import { groupMutants } from "./group_mutants.ts";
import { ledgerMutants } from "./ledger_mutants.ts";
import {
  afterKill,
  corruption,
  damage,
  failedAppend,
  faults,
  format,
  type Killer,
  machine,
  powerCuts,
  processes,
  retention,
  slots,
} from "./killers.ts";
import { readerMutants } from "./reader_mutants.ts";

/**
 * Code with one guarantee removed, and the test that notices: as data. A mutant that nobody kills
 * says that a guarantee is not tested.
 */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  /** In the folder of its list. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  readonly killer: Killer;
}

/** Of the file log. */
export const mutants: readonly Mutant[] = [
  {
    name: "no sync of a batch",
    file: "append/append_batch.ts",
    from: "    await tail.file.sync();\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "acknowledged before the sync",
    file: "append/topic_writer.ts",
    from: "    const appended = await appendBatch(",
    to: "    batch.accept(current.next);\n    const appended = await appendBatch(",
    killer: powerCuts,
  },
  {
    name: "durable end before the sync",
    file: "append/append_batch.ts",
    from: "  try {\n    await tail.file.sync();\n",
    to:
      "  await publishEnd(folder, { ...tail, bytes: tail.bytes + bytes.length, next: tail.next + batch.count });\n  tail.slotSequence++;\n  try {\n    await tail.file.sync();\n",
    killer: slots("the durable slot never says more than what is on the disk"),
  },
  {
    name: "no sync of the directory",
    file: "append/segment_tail.ts",
    from: "    await folder.disk.syncDirectory(folder.path);\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "no sync of the segment that is made",
    file: "append/segment_tail.ts",
    from: "    await file.sync();\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "identity not synced before the first segment",
    file: "append/recovery.ts",
    from: "  await secureIdentity(folder);\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "offsets given twice after a failed sync",
    file: "append/segment_tail.ts",
    from: "tail.next + rejected",
    to: "tail.next + rejected * 0",
    killer: failedAppend("the offset of a record that may stand is not given to another"),
  },
  {
    name: "appends behind a failed sync",
    file: "append/append_batch.ts",
    from: "return { error, tail: await abandonSegment(folder, tail, plans, rejected) };",
    to: "return { error, tail };",
    killer: faults("a failed sync rejects with outcome_unknown, and the next record is accepted"),
  },
  {
    name: "reader past the durable slot",
    file: "read/log_cursor.ts",
    from: "limit?.bytes ?? end.bytes;",
    to: "limit?.bytes ?? Infinity;",
    killer: faults("a reader gets nothing before it is synced and the durable slot says so"),
  },
  {
    name: "recovered batches not written again",
    file: "append/recovery.ts",
    from: "    await file.write(position, bytes);\n",
    to: "",
    killer: slots(
      "what a process leaves that died after a failed sync is synced by one that starts and kept",
    ),
  },
  {
    name: "recovered batches not synced",
    file: "append/recovery.ts",
    from: "  await file.sync();\n  // Whoever",
    to: "  // Whoever",
    killer: afterKill,
  },
  {
    name: "recovered segment without a durable name",
    file: "append/recovery.ts",
    from: "  await folder.disk.syncDirectory(folder.path);\n  if (isEnded)",
    to: "  if (isEnded)",
    killer: afterKill,
  },
  {
    name: "batches of another writer not caught up with",
    file: "append/log_end.ts",
    from: 'since === "taken" && !await catchUp',
    to: 'since === "kept" && !await catchUp',
    killer: powerCuts,
  },
  {
    name: "segment that was left is appended to by another",
    file: "append/recovery.ts",
    from: "slot.moving || slot.segment !== tail.header.base",
    to: "slot.segment !== tail.header.base",
    killer: failedAppend("where a writer died between two segments, what another accepts stays"),
  },
  {
    name: "torn batch not cut",
    file: "append/recovery.ts",
    from: "  await file.truncate(bytes);\n",
    to: "",
    killer: failedAppend("a torn batch is cut: nothing of it stands behind the end"),
  },
  {
    name: "later batches not asked what was synced",
    file: "append/recovery.ts",
    from: "Math.max(acknowledged, remains.syncedThrough)",
    to: "acknowledged",
    killer: damage(
      "without a durable slot, a flip is corrupt where a later batch tells so, else torn",
    ),
  },
  {
    name: "checksums not compared",
    file: "format/batch_format.ts",
    from: 'if (view.getUint32(at + 4, true) !== sum) return { kind: "bad" };',
    to: "",
    killer: damage(
      "a bit flipped in what was accepted stops readers as corrupt, and never the shop",
    ),
  },
  {
    name: "order broken after a failure",
    file: "append/topic_writer.ts",
    from: "        rejectAll(refused);\n",
    to: "",
    killer: failedAppend(
      "what was sent behind a record that failed is refused, also where the disk is well again",
    ),
  },
  {
    name: "short write not taken back",
    file: "append/append_batch.ts",
    from: "    await tail.file.truncate(tail.bytes);\n",
    to: "",
    killer: failedAppend("a short write leaves nothing behind the end"),
  },
  {
    name: "removed folder not noticed",
    file: "append/append_batch.ts",
    from: "if (isRemoved(folder) || isUnlinked(folder, tail)) {",
    to: "if (tail.bytes < 0) {",
    killer: faults(
      "a record written into a folder that was removed is refused, and the next makes it anew",
    ),
  },
  {
    name: "pending bytes without bound",
    file: "append/topic_writer.ts",
    from: "pendingBytes + encodedBytes > plans.maxPendingBytes",
    to: "encodedBytes > plans.maxPendingBytes",
    killer: faults("a disk that hangs bounds what is held, and lets the log close"),
  },
  {
    name: "durable slot filled without the lock",
    file: "segments/topic_folder.ts",
    from: "await underLock(clock, { lock, turn }, () => fillDurable(durable));",
    to: "await durable.write(0, new Uint8Array(durableFileBytes));",
    killer: faults("two that make a topic at once do not blank each other's durable slot"),
  },
  {
    name: "durable end over the only whole entry",
    file: "segments/slots.ts",
    from: "positions: [0, 2048]",
    to: "positions: [0, 0]",
    killer: slots("a slot that is torn while it is written leaves the other one"),
  },
  {
    name: "older of two slots believed",
    file: "segments/slots.ts",
    from: "sequence > newest.sequence",
    to: "sequence < newest.sequence",
    killer: powerCuts,
  },
  {
    name: "commits not asked what was accepted",
    file: "append/recovery.ts",
    from: "Math.max(slot?.next ?? 0, await furthestCommit(folder))",
    to: "slot?.next ?? await furthestCommit(folder) * 0",
    killer: damage(
      "a commit tells what was accepted, too: the offsets before it are not given again",
    ),
  },
  {
    name: "no turn among writers",
    file: "disk/write_lock.ts",
    from: "    if (!turn.tryLock()) return true;\n",
    to: "    if (!turn.tryLock()) return false;\n",
    killer: slots("a writer that never pauses does not starve another"),
  },
  {
    name: "no lock among writers",
    file: "disk/write_lock.ts",
    from: "await poll(lock, clock, budget);",
    to: "",
    killer: powerCuts,
  },
  {
    name: "no sync on the machine's disk",
    file: "disk/deno_disk.ts",
    from: "file.syncData()",
    to: "Promise.resolve()",
    killer: machine("a record is accepted, and a commit settles, only after the file was synced"),
  },
  {
    name: "write that blocks the event loop",
    file: "disk/deno_disk.ts",
    from: "let written = await file.write(bytes);",
    to: "let written = file.writeSync(bytes);",
    killer: machine("nothing that may wait for the device is synchronous"),
  },
  {
    name: "checksums of all segments alike",
    file: "format/checksum.ts",
    from: "  return checksum(bytes);\n",
    to: "  return 0;\n",
    killer: format(
      "no flipped bit goes unseen, and none makes a batch of another place, segment or log",
    ),
  },
  {
    name: "pages of fields believed",
    file: "format/stored_page.ts",
    from: '  if (view.getUint32(12, true) !== sum) return "broken";\n',
    to: "",
    killer: damage("a bit flipped in a page of fields is never believed"),
  },
  {
    name: "end of the segment before not looked at",
    file: "segments/segment_chain.ts",
    from: "if (!isShort && (wanted",
    to: "if (true || (wanted",
    killer: corruption("reports damage in an older segment, and goes on where it was"),
  },
  {
    name: "reader begins where the first segment is missing",
    file: "read/log_cursor.ts",
    from: "      if (!mayPass(reason)) {",
    to: "      if (position < 0) {",
    killer: retention(
      "a required group finds segments corrupt that are missing before its position was passed",
    ),
  },
  {
    name: "positions of another log taken for ours",
    file: "segments/slots.ts",
    from: " || !sameLog(id, logId)",
    to: "",
    killer: damage("another log's segment is corrupt; its positions and durable slot are nobody's"),
  },
  {
    name: "reader content with an old durable slot",
    file: "segments/topic_contents.ts",
    from: "  if ((await segmentBases(folder)).at(-1) !== slot.segment) return false;\n",
    to: "",
    killer: slots(
      "a reader that starts alone finds the newest segment, also where the slot is old",
    ),
  },
  {
    name: "caught up with and not synced",
    file: "append/recovery.ts",
    from: "    await tail.file.sync();\n",
    to: "",
    killer: slots(
      "what a process leaves that died before its sync is synced by a writer that knows the end and kept",
    ),
  },
  {
    name: "caught up with beyond a footer",
    file: "append/recovery.ts",
    from: 'scan.stoppedBy !== "nothing" || scan.next < slot.next',
    to: "scan.next < slot.next",
    killer: slots("a process that died between two segments has nothing written behind its footer"),
  },
  {
    name: "offsets of what vanished given again",
    file: "append/recovery.ts",
    from: 'scan.stoppedBy !== "nothing" || scan.next < slot.next',
    to: 'scan.stoppedBy !== "nothing"',
    killer: slots(
      "what vanishes while the log is open is corrupt: its offsets are not given again",
    ),
  },
  {
    name: "time goes back with the clock",
    file: "append/segment_tail.ts",
    from: "Math.max(time, Math.floor(clock.now()))",
    to: "Math.floor(clock.now())",
    killer: slots("times in the log never go back, whatever the clock does"),
  },
  {
    name: "segment put into a folder that was made anew",
    file: "segments/topic_folder.ts",
    from: "lock.links().count === 0",
    to: "lock.links().count < 0",
    killer: faults("a log whose folder was removed and made anew puts no segment into the new one"),
  },
  {
    name: "moved folder written to",
    file: "append/log_end.ts",
    from: "if (!await isInPlace(open.folder)) giveUp();",
    to: "await isInPlace(open.folder);",
    killer: processes("S7 a folder that is moved away is not written to any more"),
  },
  {
    name: "lock given up while a write hangs",
    file: "append/topic_writer.ts",
    from: "void hanging?.then(end.giveUp);",
    to: "end.giveUp();",
    killer: faults(
      "a write that hangs while its log is closed does not land on what another accepts",
    ),
  },
  ...groupMutants,
  ...corruptionMutants,
  ...readerMutants,
  ...ledgerMutants,
];
