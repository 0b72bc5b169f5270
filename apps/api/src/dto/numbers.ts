/** bigint to JSON: an integer that JavaScript would round is an error, never a wrong number. */

/** Counts and positions. Throws RangeError beyond 2^53 − 1. */
export function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is not a safe integer`);
  return number;
}

/** An amount in minor units for a `…Minor` field. Throws RangeError beyond ±(2^53 − 1). */
export const minorToJson = (amountMinor: bigint): number => safeNumber(amountMinor);
