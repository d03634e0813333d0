/** The tests that notice what is wrong with a mutant. */

/** A test by its file and its name within the file's `describe`. */
export interface Killer {
  readonly file: string;
  readonly test: string;
}

export const powerCuts: Killer = {
  file: "tests/faults/crash_points_test.ts",
  test: "keeps what it accepted, in order, wherever the power is cut",
};
export const afterKill: Killer = {
  file: "tests/faults/crash_points_test.ts",
  test:
    "keeps what it accepted after a writer was killed, another went on, and then the power is cut",
};
export const faults = (test: string): Killer => ({
  file: "tests/adapters/file_log/disk_faults_test.ts",
  test,
});
export const damage = (test: string): Killer => ({
  file: "tests/adapters/file_log/damage_test.ts",
  test,
});
export const corruption = (test: string): Killer => ({
  file: "tests/adapters/file_log/corruption_test.ts",
  test,
});
export const missing = (test: string): Killer => ({
  file: "tests/adapters/file_log/missing_segments_test.ts",
  test,
});
export const unreadable = (test: string): Killer => ({
  file: "tests/adapters/file_log/unreadable_place_test.ts",
  test,
});
export const retention = (test: string): Killer => ({
  file: "tests/adapters/file_log/retention_test.ts",
  test,
});
export const required = (test: string): Killer => ({
  file: "tests/adapters/file_log/required_groups_test.ts",
  test,
});
export const takenAway = (test: string): Killer => ({
  file: "tests/adapters/file_log/taken_away_test.ts",
  test,
});
export const retentionCuts: Killer = {
  file: "tests/faults/crash_points_test.ts",
  test: "takes nothing away that a required group has not read, wherever the power is cut",
};
export const reserve = (test: string): Killer => ({
  file: "tests/adapters/file_log/disk_reserve_test.ts",
  test,
});
export const failedAppend = (test: string): Killer => ({
  file: "tests/faults/failed_append_test.ts",
  test,
});
export const slots = (test: string): Killer => ({
  file: "tests/adapters/file_log/dead_writer_test.ts",
  test,
});
export const machine = (test: string): Killer => ({
  file: "tests/adapters/file_log/deno_disk_test.ts",
  test,
});
export const processes = (test: string): Killer => ({
  file: "tests/adapters/file_log/processes_test.ts",
  test,
});
export const format = (test: string): Killer => ({
  file: "adapters/queue/file_log/append/growing_batch_test.ts",
  test,
});
export const commits = (test: string): Killer => ({
  file: "tests/adapters/file_log/group_commits_test.ts",
  test,
});
export const resets = (test: string): Killer => ({
  file: "tests/adapters/file_log/group_reset_test.ts",
  test,
});
export const ledger = (test: string): Killer => ({
  file: "tests/adapters/file_log/log_ledger_test.ts",
  test,
});
export const conservation: Killer = {
  file: "tests/faults/ledger_test.ts",
  test: "K5 balances after each step, and equals what the test counted",
};
