import { escapeControls } from "../process/escape_controls.ts";

/** Columns as wide as their longest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  // Names of groups and files are what stands in the folder.
  const lines = [headings, ...rows].map((cells) => cells.map(escapeControls));
  // One by one: there may be more lines than a call may have arguments.
  const widths = headings.map((_, n) =>
    lines.reduce((most, cells) => Math.max(most, cells[n]?.length ?? 0), 0)
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join("  ").trimEnd();
  return `${lines.map(line).join("\n")}\n`;
}
