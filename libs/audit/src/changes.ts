/**
 * Which figures an event moves, and by how much: the one translation from events to figures that the
 * browser, the history and the live feed share. Sums move by a difference; what is set anew says its
 * new value. A figure's history is what its events say here, one after the other.
 */
import { type CreatorEvent, type LedgerEvent, type Line, linesOf } from '#libs/ledger';
import { aboutOf } from './about.js';

/** Sums, by month; `null` currency: it has none. */
export const MEMBER_SUMS = ['referrals', 'reversedReferrals', 'earnings'] as const;
export const MEMBER_VALUES = ['referrer', 'tierPin', 'referralCode'] as const;
export const CREATOR_SUMS = [
  'referrals',
  'reversedReferrals',
  'signUps',
  'revenue',
  'refunds',
] as const;
export const CREATOR_SETTINGS = ['rates', 'timeZone', 'tiers', 'graceHours', 'currency'] as const;
export const CREATOR_VALUES = [...CREATOR_SETTINGS, 'months'] as const;
export type CreatorSetting = (typeof CREATOR_SETTINGS)[number];

export type Entity = 'member' | 'creator';
export type SumField = (typeof MEMBER_SUMS)[number] | (typeof CREATOR_SUMS)[number];
export type ValueField = (typeof MEMBER_VALUES)[number] | (typeof CREATOR_VALUES)[number];

interface Subject {
  readonly entity: Entity;
  readonly creatorId: string;
  /** Null: the figure is the creator's. */
  readonly memberId: string | null;
}
/** By so much. Minor units where there is a currency. */
export interface SumChange extends Subject {
  readonly kind: 'sum';
  readonly field: SumField;
  readonly month: string;
  readonly currency: string | null;
  readonly delta: bigint;
}
/** To that, as JSON would have it; null: to nothing. */
export interface ValueChange extends Subject {
  readonly kind: 'value';
  readonly field: ValueField;
  /** Of a month's own state. */
  readonly month: string | null;
  readonly value: unknown;
}
export type Change = SumChange | ValueChange;

/** In a stable order; what an event adds and takes back again is left out. */
export function changesOf(event: LedgerEvent): Change[] {
  return [...valueChanges(event), ...sumChanges(linesOf(event))];
}

function sumChanges(lines: readonly Line[]): SumChange[] {
  const sums = new Map<string, SumChange>();
  for (const line of lines) {
    for (const change of changesOfLine(line)) {
      const { entity, memberId, field, month, currency } = change;
      const key = JSON.stringify([entity, memberId, field, month, currency]);
      const known = sums.get(key);
      sums.set(key, known ? { ...known, delta: known.delta + change.delta } : change);
    }
  }
  return [...sums.values()].filter(({ delta }) => delta !== 0n);
}

/** Amounts of a line that is taken back are negative already (docs/architecture.md, section 2). */
function changesOfLine(line: Line): SumChange[] {
  const { creatorId, referrerId, month, currency, count, kind } = line;
  const ofCreator = (field: SumField, delta: bigint, inCurrency: string | null): SumChange => ({
    kind: 'sum',
    entity: 'creator',
    creatorId,
    memberId: null,
    field,
    month,
    currency: inCurrency,
    delta,
  });
  const ofReferrer = (field: SumField, delta: bigint, inCurrency: string | null): SumChange[] =>
    referrerId === null
      ? []
      : [{ ...ofCreator(field, delta, inCurrency), entity: 'member', memberId: referrerId }];
  switch (kind) {
    case 'signUp':
      return referrerId === null ? [] : [ofCreator('signUps', count, null)];
    case 'conversion':
      return [...ofReferrer('referrals', count, null), ofCreator('referrals', count, null)];
    case 'reversedConversion':
      return [
        ...ofReferrer('reversedReferrals', count, null),
        ofCreator('reversedReferrals', count, null),
      ];
    case 'sale':
      return [
        ...ofReferrer('earnings', line.memberMinor, currency),
        ofCreator('revenue', line.saleMinor, currency),
      ];
    case 'reversal':
      return [
        ...ofReferrer('earnings', -line.memberMinor, currency),
        ofCreator('refunds', line.saleMinor, currency),
      ];
  }
}

function valueChanges(event: LedgerEvent): ValueChange[] {
  const { creatorId, memberId } = aboutOf(event);
  if (creatorId === null) return [];
  const ofMember = (field: ValueField, value: unknown): ValueChange[] => [
    { kind: 'value', entity: 'member', creatorId, memberId, field, month: null, value },
  ];
  const ofCreator = (
    field: ValueField,
    value: unknown,
    month: string | null = null,
  ): ValueChange => ({
    kind: 'value',
    entity: 'creator',
    creatorId,
    memberId: null,
    field,
    month,
    value,
  });
  switch (event.type) {
    case 'ReferralCodeAssigned':
      return ofMember('referralCode', event.data.code);
    case 'TierPinned':
      return ofMember('tierPin', event.data.tier);
    case 'MonthClosed':
    case 'MonthRestated': {
      const { month, version, digest } = event.data;
      return [ofCreator('months', { version, digest }, month)];
    }
    default: {
      const settings = settingsSaid(event).map(([field, value]) => ofCreator(field, value));
      const referrer = referrerSaid(event);
      return referrer === undefined ? settings : [...settings, ...ofMember('referrer', referrer)];
    }
  }
}

/** What an event says of settings; defaults are said when the creator becomes known. */
export function settingsSaid(
  event: LedgerEvent | CreatorEvent,
): readonly (readonly [CreatorSetting, unknown])[] {
  switch (event.type) {
    case 'CreatorRegistered': {
      const { timeZone, graceHours, currency } = event.data;
      return [
        ['timeZone', timeZone],
        ['graceHours', graceHours],
        ['currency', currency],
      ];
    }
    case 'RatesSet': {
      const { memberBps, creatorBps, platformBps } = event.data;
      return [['rates', { memberBps, creatorBps, platformBps }]];
    }
    case 'TimeZoneSet':
      return [['timeZone', event.data.timeZone]];
    case 'TiersSet':
      return [['tiers', event.data.tiers.map(([name, from]) => ({ name, from }))]];
    case 'GraceSet':
      return [['graceHours', event.data.graceHours]];
    case 'CurrencySet':
      return [['currency', event.data.currency]];
    default:
      return [];
  }
}

/** Whoever has a line has a sign-up line, and it names their referrer. */
function referrerSaid(event: LedgerEvent): string | null | undefined {
  const added = linesOf(event).filter(({ kind, count }) => kind === 'signUp' && count > 0n);
  return added.at(-1)?.referrerId;
}
