/**
 * The file log with one guarantee removed, and the test that notices: as data. A mutant that nobody kills says that a
 * guarantee is not tested.
 */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  /** In `adapters/queue/file_log/`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  readonly killer: Killer;
}

/** A test by its file and its name within the file's `describe`. */
export interface Killer {
  readonly file: string;
  readonly test: string;
}

const powerCuts: Killer = {
  file: "tests/adapters/file_log/crash_points_test.ts",
  test: "keeps what it accepted, in order, wherever the power is cut",
};
const afterKill: Killer = {
  file: "tests/adapters/file_log/crash_points_test.ts",
  test:
    "keeps what it accepted after a writer was killed, another went on, and then the power is cut",
};
const faults = (test: string): Killer => ({
  file: "tests/adapters/file_log/disk_faults_test.ts",
  test,
});
const damage = (test: string): Killer => ({
  file: "tests/adapters/file_log/damage_test.ts",
  test,
});
const failedAppend = (test: string): Killer => ({
  file: "tests/faults/failed_append_test.ts",
  test,
});
const slots = (test: string): Killer => ({
  file: "tests/adapters/file_log/dead_writer_test.ts",
  test,
});
const commits = (test: string): Killer => ({
  file: "tests/adapters/file_log/group_commits_test.ts",
  test,
});

export const mutants: readonly Mutant[] = [
  {
    name: "no sync of a batch",
    file: "append.ts",
    from: "    await tail.file.sync();\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "acknowledged before the sync",
    file: "topic_writer.ts",
    from: "    const appended = await appendBatch(",
    to: "    batch.accept(current.next);\n    const appended = await appendBatch(",
    killer: powerCuts,
  },
  {
    name: "durable end before the sync",
    file: "append.ts",
    from: "  try {\n    await tail.file.sync();\n",
    to:
      "  await publishEnd(folder, { ...tail, bytes: tail.bytes + bytes.length, next: tail.next + batch.count });\n  tail.slotSequence++;\n  try {\n    await tail.file.sync();\n",
    killer: slots("the durable slot never says more than what is on the disk"),
  },
  {
    name: "no sync of the directory",
    file: "segment_tail.ts",
    from: "    await folder.disk.syncDirectory(folder.path);\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "no sync of the segment that is made",
    file: "segment_tail.ts",
    from: "    await file.sync();\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "identity not synced before the first segment",
    file: "recovery.ts",
    from: "  await secureIdentity(folder);\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "offsets given twice after a failed sync",
    file: "segment_tail.ts",
    from: "tail.next + rejected",
    to: "tail.next + rejected * 0",
    killer: failedAppend("the offset of a record that may stand is not given to another"),
  },
  {
    name: "appends behind a failed sync",
    file: "append.ts",
    from: "return { error, tail: await abandonSegment(folder, tail, plans, rejected) };",
    to: "return { error, tail };",
    killer: faults("a failed sync rejects with outcome_unknown, and the next record is accepted"),
  },
  {
    name: "reader past the durable slot",
    file: "log_cursor.ts",
    from: "limit?.bytes ?? end.bytes;",
    to: "limit?.bytes ?? Infinity;",
    killer: faults("a reader gets nothing before it is synced and the durable slot says so"),
  },
  {
    name: "commit not synced",
    file: "group_slots.ts",
    from: "  await file.sync();\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "commit over the only whole slot",
    file: "group_slots.ts",
    from: "state.sequence % 2 === 0 ? 0 : slotBytes",
    to: "0",
    killer: slots("a slot that is torn while it is written leaves the other one"),
  },
  {
    name: "group's file not filled when it is made",
    file: "group_member.ts",
    from: "  await file.write(0, new Uint8Array(groupFileBytes));\n",
    to: "",
    killer: commits("a commit writes in place: the file has its length from the start"),
  },
  {
    name: "group's file without a durable name",
    file: "group_member.ts",
    from: "  await folder.disk.syncDirectory(folder.path);\n",
    to: "",
    killer: powerCuts,
  },
  {
    name: "recovered batches not written again",
    file: "recovery.ts",
    from: "    await file.write(position, bytes);\n",
    to: "",
    killer: faults("whichever sync fails, what was accepted survives a power cut"),
  },
  {
    name: "recovered batches not synced",
    file: "recovery.ts",
    from: "    await file.sync();\n    // Whoever",
    to: "    // Whoever",
    killer: afterKill,
  },
  {
    name: "recovered segment without a durable name",
    file: "recovery.ts",
    from: "    await folder.disk.syncDirectory(folder.path);\n    if (isEnded)",
    to: "    if (isEnded)",
    killer: afterKill,
  },
  {
    name: "batches of another writer not caught up with",
    file: "topic_writer.ts",
    from: 'since === "taken" && !await catchUp',
    to: 'since === "kept" && !await catchUp',
    killer: powerCuts,
  },
  {
    name: "segment that was left is appended to by another",
    file: "recovery.ts",
    from: "slot.moving || slot.segment !== tail.header.base",
    to: "slot.segment !== tail.header.base",
    killer: failedAppend("where a writer died between two segments, what another accepts stays"),
  },
  {
    name: "torn batch not cut",
    file: "recovery.ts",
    from: "  await file.truncate(scan.bytes);\n",
    to: "",
    killer: failedAppend("a torn batch is cut: nothing of it stands behind the end"),
  },
  {
    name: "corrupt taken for torn",
    file: "recovery.ts",
    from: "if (scan.next < through) {",
    to: "if (scan.next < 0 * through) {",
    killer: damage(
      "a bit flipped in what was accepted is reported as corrupt by readers and writers",
    ),
  },
  {
    name: "later batches not asked what was synced",
    file: "recovery.ts",
    from: "Math.max(acknowledged, remains.syncedThrough)",
    to: "acknowledged",
    killer: damage(
      "without a durable slot, a flip is corrupt where a later batch tells so, else torn",
    ),
  },
  {
    name: "checksums not compared",
    file: "batch_format.ts",
    from: 'if (view.getUint32(at + 4, true) !== sum) return { kind: "bad" };',
    to: "",
    killer: damage(
      "a bit flipped in what was accepted is reported as corrupt by readers and writers",
    ),
  },
  {
    name: "segments not checked to follow one upon the other",
    file: "recovery.ts",
    from: "await checkLink(folder, header, last?.header.base);",
    to: "",
    killer: damage("a missing segment is corrupt"),
  },
  {
    name: "order broken after a failure",
    file: "topic_writer.ts",
    from: "        rejectAll(refused);\n",
    to: "",
    killer: failedAppend(
      "what was sent behind a record that failed is refused, also where the disk is well again",
    ),
  },
  {
    name: "short write not taken back",
    file: "append.ts",
    from: "    await tail.file.truncate(tail.bytes);\n",
    to: "",
    killer: failedAppend("a short write leaves nothing behind the end"),
  },
  {
    name: "removed folder not noticed",
    file: "append.ts",
    from: "if (tail.file.links().count === 0 || isRemoved(folder)) {",
    to: "if (tail.file.links().count < 0) {",
    killer: faults(
      "a record written into a folder that was removed is refused, and the next makes it anew",
    ),
  },
  {
    name: "pending bytes without bound",
    file: "topic_writer.ts",
    from: "pendingBytes + encodedBytes > plans.maxPendingBytes",
    to: "encodedBytes > plans.maxPendingBytes",
    killer: faults("a disk that hangs bounds what is held, and lets the log close"),
  },
  {
    name: "durable slot filled without the lock",
    file: "topic_folder.ts",
    from: "await underLock(clock, { lock, turn }, () => fillDurable(durable));",
    to: "await durable.write(0, new Uint8Array(durableFileBytes));",
    killer: faults("two that make a topic at once do not blank each other's durable slot"),
  },
  {
    name: "durable end over the only whole entry",
    file: "durable_slot.ts",
    from: "entryPositions[end.sequence % 2 === 0 ? 0 : 1]",
    to: "entryPositions[0]",
    killer: slots("a slot that is torn while it is written leaves the other one"),
  },
  {
    name: "commits not asked what was accepted",
    file: "recovery.ts",
    from: "Math.max(slot?.next ?? 0, await furthestCommit(folder))",
    to: "slot?.next ?? await furthestCommit(folder) * 0",
    killer: damage(
      "a commit tells what was accepted, too: the offsets before it are not given again",
    ),
  },
  {
    name: "no turn among writers",
    file: "write_lock.ts",
    from: "    if (!turn.tryLock()) return true;\n",
    to: "    if (!turn.tryLock()) return false;\n",
    killer: slots("a writer that never pauses does not starve another"),
  },
  {
    name: "no lock among writers",
    file: "write_lock.ts",
    from: "await poll(lock, clock, budget);",
    to: "",
    killer: powerCuts,
  },
];
