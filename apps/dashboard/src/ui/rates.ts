/** Shares of a sale as percent, exactly: basis points, never a float. */

/** 10 %, 12.5 %, 0.01 % */
export function percentText(bps: number): string {
  const decimals = String(bps % 100)
    .padStart(2, '0')
    .replace(/0+$/, '');
  return `${percentDigits(Math.floor(bps / 100), decimals)} %`;
}

/** As one would type it: 12.5 */
export const percentOf = (bps: number): string => percentText(bps).slice(0, -2);

const percentDigits = (whole: number, decimals: string): string =>
  decimals === '' ? String(whole) : `${whole}.${decimals}`;

const PERCENT = /^(\d{1,3})(?:[.,](\d{1,2}))?$/;

/** Basis points of what was typed; undefined: it is no percentage of 0 to 100 with at most two decimals. */
export function bpsOf(text: string): number | undefined {
  const [, whole, decimals = ''] = PERCENT.exec(text.trim()) ?? [];
  if (whole === undefined) return undefined;
  const bps = Number(whole) * 100 + Number(decimals.padEnd(2, '0'));
  return bps > 10_000 ? undefined : bps;
}
