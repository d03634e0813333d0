import { backoffMs as growingMs } from "../../../../src/ports/clock.ts";

/** How long to wait before attempt `failures` + 1. */
export const backoffMs = (failures: number, random: () => number): number =>
  growingMs(failures, { firstMs: 50, mostMs: 2000 }, random);
