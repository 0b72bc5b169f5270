/**
 * What the HTTP interface says about a creator, asked in every way it offers, in the reference
 * model's shape. Nothing is taken from the model but the questions: which months, which currencies
 * the answers themselves name. What two answers say differently is a contradiction.
 */
import { type Calendar, calendarOf } from '../reference/calendar.js';
import type { Figures } from '../reference/shapes.js';
import type { Client } from './client.js';
import { CreatorReader, seconds } from './creator-reader.js';
import type * as Said from './said.js';

export interface CreatorBooks extends Partial<Figures> {
  /** Sentences; none when all answers agree with each other. */
  readonly contradictions: readonly string[];
}

/** Fields that no answer offers. */
export const NOT_OFFERED = [
  'payments.day',
  'memberMonths.signUps',
  'creatorMonthRevenue.organicPayments',
  'creatorMonthRevenue.referredPayments',
  'rankings.reachedAt',
];

/** Tables that the interface offers. */
export const OFFERED = [
  ...(['creators', 'members', 'referrals', 'payments', 'memberTotals', 'memberMonths'] as const),
  ...(['memberMonthEarnings', 'creatorMonths', 'creatorMonthRevenue', 'rankings'] as const),
  ...(['creatorMonthRefunds', 'memberMonthReversed'] as const),
];

/** `months`: those of the creator's facts, in order. `known`: the calendar, where the zone has changed. */
export async function booksOfCreator(
  client: Client,
  creatorId: string,
  months: readonly string[],
  known?: Calendar,
): Promise<CreatorBooks> {
  const reader = new CreatorReader(client, creatorId);
  const { settings } = await reader.get<Said.Settings>('/settings');
  const members = await reader.members();
  const payments = await reader.payments(months, members);
  const referrals = await reader.referrals(members, payments);
  const rankings = await reader.rankings(months);
  const stats = await reader.stats(months, members, rankings);
  const calendar = known ?? calendarOf(settings.timeZone.inForce);
  const creator = await reader.creatorMonths(months, members, calendar);
  return {
    creators: [
      { creatorId, timeZone: settings.timeZone.inForce, currency: settings.currency.inForce },
    ],
    members: members.map((row) => ({
      creatorId,
      memberId: row.memberId,
      referralCode: row.referralCode,
      signedUpAt: seconds(row.signedUpAt),
      referrerId: row.referrer?.memberId ?? null,
      totalReferrals: row.totalReferrals,
      tier: row.tier,
    })),
    payments: payments.map((row) => ({
      creatorId,
      paymentId: row.paymentId,
      memberId: row.member.memberId,
      referrerId: row.referrerId,
      kind: row.kind,
      paidAt: seconds(row.paidAt) ?? 0,
      month: row.month,
      day: '',
      currency: row.currency,
      saleMinor: BigInt(row.saleMinor),
      memberMinor: BigInt(row.memberMinor),
      creatorMinor: BigInt(row.creatorMinor),
      platformMinor: BigInt(row.platformMinor),
    })),
    referrals,
    ...stats,
    ...creator,
    rankings: rankings.map(({ asOf, row }) => ({
      creatorId,
      asOf,
      memberId: row.memberId,
      rank: row.rank,
      totalReferrals: row.totalReferrals,
      reachedAt: 0,
      tier: row.tier,
    })),
    contradictions: reader.contradictions,
  };
}
