/** Commands that ask for the figures of a creator. */
import { count, instant, money } from '../format.js';
import type { Invocation, Outcome } from '../invocation.js';
import {
  type CsvOption,
  figures,
  left,
  others,
  type RangeOptions,
  right,
  table,
} from './asked-figures.js';
import type * as Said from './figures.said.js';

export const revenue = (
  invocation: Invocation,
  { csv, ...query }: RangeOptions,
): Promise<Outcome> =>
  figures<Said.Revenue>(invocation, {
    ...{ path: ['revenue'], query, csv, schema: 'flywheel.revenue/1' },
    title: (found) => `Revenue in ${found.currency}${others(found.otherCurrencies)}`,
    text: ({ items }) =>
      table(
        invocation.terminal,
        [
          left('month'),
          ...['revenue', 'organic', 'referred', 'refunds', 'first', 'later'].map(right),
        ],
        items.map((row) => [
          row.month,
          money(row.revenueMinor, row.currency),
          money(row.organicMinor, row.currency),
          money(row.referredMinor, row.currency),
          money(row.refundsMinor, row.currency),
          count(row.initialPayments),
          count(row.recurringPayments),
        ]),
        '',
      ),
  });

export interface GrowthOptions extends CsvOption {
  readonly months: number;
}

/** Of the creator, or of those whom a member referred. */
export const growth = (
  invocation: Invocation,
  { csv, months }: GrowthOptions,
  member?: string,
): Promise<Outcome> =>
  figures<Said.Growth>(invocation, {
    path: member === undefined ? ['growth'] : ['members', member, 'growth'],
    ...{ query: { months }, csv, schema: 'flywheel.growth/1' },
    title: ({ name }) => (name === undefined ? 'Growth' : `Whom ${name} brought`),
    text: ({ items, soFar, sameDaysBefore }) =>
      table(
        invocation.terminal,
        [left('month'), right('referrals'), right('sign-ups')],
        [
          ...items.map((row) => [row.month, count(row.referrals), count(row.signUps)]),
          ...[soFar, sameDaysBefore].flatMap((days) =>
            days === undefined
              ? []
              : [[`to ${days.throughDay}`, count(days.referrals), count(days.signUps)]],
          ),
        ],
        '',
      ),
  });

export interface PaymentsOptions extends CsvOption {
  readonly month?: string;
  readonly member?: string;
  readonly referrer?: string;
  readonly kind?: string;
  readonly currency?: string;
  readonly limit: number;
}

export const payments = (
  invocation: Invocation,
  { csv, ...query }: PaymentsOptions,
): Promise<Outcome> =>
  figures<Said.Payments>(invocation, {
    ...{ path: ['payments'], query: { ...query }, csv, schema: 'flywheel.payments/1' },
    title: () => 'Payments, newest first',
    text: ({ items }, zone) =>
      table(
        invocation.terminal,
        [
          ...['paid', 'payment', 'member', 'kind', 'referrer'].map(left),
          ...['sale', 'member share', 'reversed'].map(right),
        ],
        items.map((row) => [
          instant(row.paidAt, zone),
          row.paymentId,
          row.member.name,
          row.kind,
          row.referrerId ?? 'organic',
          money(row.saleMinor, row.currency),
          money(row.memberMinor, row.currency),
          row.reversals.length === 0
            ? ''
            : money(
                row.reversals.reduce((sum, { saleMinor }) => sum + saleMinor, 0),
                row.currency,
              ),
        ]),
        'No payment is known.',
      ),
  });

export const recentReferrals = (
  invocation: Invocation,
  { csv, limit }: CsvOption & { readonly limit: number },
): Promise<Outcome> =>
  figures<Said.Conversions>(invocation, {
    ...{ path: ['referrals'], query: { limit }, csv, schema: 'flywheel.referrals/1' },
    title: () => 'Recent referrals',
    text: ({ items }, zone) =>
      table(
        invocation.terminal,
        ['converted', 'member', 'referrer', 'month'].map(left),
        items.map((row) => [
          instant(row.convertedAt, zone),
          row.member.name,
          row.referrer.name,
          row.month,
        ]),
        'Nobody has referred anybody yet.',
      ),
  });

export interface MembersOptions extends CsvOption {
  readonly search?: string;
  readonly tier?: string;
  readonly sort?: string;
  readonly limit: number;
}

export const members = (
  invocation: Invocation,
  { csv, search: q, ...query }: MembersOptions,
): Promise<Outcome> =>
  figures<Said.Members>(invocation, {
    ...{ path: ['members'], query: { q, ...query }, csv, schema: 'flywheel.members/1' },
    title: () => 'Members',
    text: ({ items }, zone) =>
      table(
        invocation.terminal,
        [
          ...['member', 'name', 'code', 'signed up', 'referrer'].map(left),
          right('total'),
          left('tier'),
        ],
        items.map((row) => [
          row.memberId,
          row.name,
          row.referralCode,
          instant(row.signedUpAt, zone),
          row.referrer?.name ?? 'organic',
          count(row.totalReferrals),
          row.tier,
        ]),
        'Nobody is found.',
      ),
  });
