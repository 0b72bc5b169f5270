/** Fields of rows as people read them; the interface has all of them as texts, of any size. */
import { countText, moneyText, signedText } from '../../ui/figures.js';
import { timeText } from '../../ui/instants.js';

const ZONE = 'UTC';
const WHOLE = /^-?\d+$/;
const isMoney = (field: string): boolean => field.endsWith('Minor');
const isInstant = (field: string): boolean => /(^at|At)$/.test(field);

/** earnedMinor: earned; reachedAt: reached; totalReferrals: total referrals */
export const fieldName = (field: string): string =>
  field
    .replace(/(?<=.)(Minor|At)$/, '')
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const exactly = (value: string): number | undefined => {
  const number = WHOLE.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
};

/** `currency`: of the row; undefined: it has none. */
export function fieldText(
  field: string,
  value: string | null | undefined,
  currency: string | undefined,
): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  const number = exactly(value);
  if (number === undefined) return value;
  if (isMoney(field)) return currency === undefined ? value : moneyText(number, currency);
  if (isInstant(field)) return timeText(new Date(number * 1000).toISOString(), ZONE);
  return countText(number);
}

/** What is to be added to what serves; empty where nothing can be added. No row is nothing of it. */
export function deltaText(
  field: string,
  live: string | null | undefined,
  replayed: string | null | undefined,
  currency: string | undefined,
): string {
  const [before, after] = [live ?? '0', replayed ?? '0'];
  if (isInstant(field) || !WHOLE.test(before) || !WHOLE.test(after)) return '';
  const delta = BigInt(after) - BigInt(before);
  const number = exactly(String(delta));
  if (number === undefined) return String(delta);
  if (!isMoney(field)) return signedText(number);
  if (currency === undefined) return String(delta);
  return number > 0 ? `+${moneyText(number, currency)}` : moneyText(number, currency);
}

/** 840 ms, 4.2 s, 1 min 1 s, 2 h 1 min */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.floor(ms / 1_000)}.${Math.floor((ms % 1_000) / 100)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
