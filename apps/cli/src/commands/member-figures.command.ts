/** Commands that ask for the figures of one member. */
import { instant, money, monthName } from '../format.js';
import type { Invocation, Outcome } from '../invocation.js';
import { tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';
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

export interface ReferralsOptions extends CsvOption {
  readonly status?: string;
  readonly limit: number;
}

export const memberReferrals = (
  invocation: Invocation,
  member: string,
  { csv, ...query }: ReferralsOptions,
): Promise<Outcome> =>
  figures<Said.Referrals>(invocation, {
    path: ['members', member, 'referrals'],
    ...{ query: { ...query }, csv, schema: 'flywheel.member-referrals/1' },
    title: () => `Referred by ${member}`,
    text: ({ items }, zone) =>
      table(
        invocation.terminal,
        ['name', 'signed up', 'converted', 'month'].map(left),
        items.map((row) => [
          row.name,
          instant(row.signedUpAt, zone),
          row.convertedAt === null ? 'not converted yet' : instant(row.convertedAt, zone),
          row.month ?? '—',
        ]),
        'They have referred nobody yet.',
      ),
  });

export interface EarningsOptions extends RangeOptions {
  readonly by?: string;
}

export const memberEarnings = (
  invocation: Invocation,
  member: string,
  { csv, ...query }: EarningsOptions,
): Promise<Outcome> =>
  figures<Said.Earnings>(invocation, {
    path: ['members', member, 'earnings'],
    ...{ query, csv, schema: 'flywheel.member-earnings/1' },
    title: (found) =>
      `Earnings of ${found.name} in ${found.currency}${others(found.otherCurrencies)}`,
    text: ({ items }) =>
      table(
        invocation.terminal,
        [left('period'), right('earned'), right('reversed'), right('net')],
        items.map((row) => [
          row.day ?? row.month,
          money(row.earnedMinor, row.currency),
          money(row.reversedMinor, row.currency),
          money(row.earningsMinor, row.currency),
        ]),
        '',
      ),
  });

export interface StatementOptions extends CsvOption {
  readonly month?: string;
  readonly currency?: string;
}

export const memberStatement = (
  invocation: Invocation,
  member: string,
  { csv, ...query }: StatementOptions,
): Promise<Outcome> =>
  figures<Said.Statement>(invocation, {
    path: ['members', member, 'statement'],
    ...{ query, csv, schema: 'flywheel.member-statement/1', whole: true },
    title: (found) => `Statement of ${found.name} for ${monthName(found.month)}`,
    text: (found, zone) => statementText(invocation.terminal, found, zone),
  });

/** Currency by currency: what it opens with, each line, what it closes with. */
function statementText(
  terminal: Pick<Terminal, 'colors'>,
  { totals, items }: Said.Statement,
  zone: string,
): string {
  if (totals.length === 0) return 'Nothing has moved on this account by the end of the month.';
  return totals
    .map(({ currency, openingMinor, closingMinor }) => {
      const amount = (minor: number): string => money(minor, currency);
      const lines = items.filter((item) => item.currency === currency);
      return tableOf(
        terminal,
        [
          ...['at', currency, 'payment', 'member'].map(left),
          ...['sale', 'amount', 'balance'].map(right),
        ],
        [
          ['', 'opening', '', '', '', '', amount(openingMinor)],
          ...lines.map((line) => [
            instant(line.at, zone),
            line.reversalId === null ? line.kind : `${line.kind} ${line.reversalId}`,
            line.paymentId,
            line.member.name,
            amount(line.saleMinor),
            amount(line.amountMinor),
            amount(line.balanceMinor),
          ]),
          ['', 'closing', '', '', '', '', amount(closingMinor)],
        ],
      );
    })
    .join('\n\n');
}
