/** What is said of months, for people. */
import { count, money, monthName } from '../format.js';
import { tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';

export interface CreatorAmounts {
  readonly currency: string | null;
  readonly signUps: number;
  readonly referrals: number;
  readonly reversedReferrals: number;
  readonly revenueMinor: number;
  readonly refundsMinor: number;
  readonly creatorMinor: number;
}
export interface ReferrerAmounts {
  readonly currency: string;
  readonly referrals: number;
  readonly reversedReferrals: number;
  readonly earningsMinor: number;
}

export interface Totals {
  readonly members: number;
  readonly totalReferrals: number;
  readonly creator: readonly CreatorAmounts[];
  readonly carriedCreator: readonly (CreatorAmounts & { readonly origin: string })[];
  readonly carriedReferrers: readonly (ReferrerAmounts & { readonly origin: string })[];
}

type Colors = Pick<Terminal, 'colors'>;
const right = (title: string) => ({ title, align: 'right' as const });

/** The creator's figures by currency; with what was sealed, where it is something else. */
export function figuresTable(
  terminal: Colors,
  rows: readonly CreatorAmounts[],
  sealed?: readonly CreatorAmounts[],
): string {
  const currencies = [...new Set([...rows, ...(sealed ?? [])].map(({ currency }) => currency))];
  return tableOf(
    terminal,
    [
      { title: 'currency' },
      ...['sign-ups', 'referrals', 'reversed', 'revenue', 'refunds', 'creator keeps'].map(right),
    ],
    currencies.map((currency) => {
      const of = (list: readonly CreatorAmounts[] | undefined) =>
        list?.find((row) => row.currency === currency);
      const [known, was] = [of(rows), of(sealed)];
      const both = (text: (row: CreatorAmounts | undefined) => string): string => {
        const [now, before] = [text(known), text(was)];
        return sealed === undefined || now === before ? now : `${before} → ${now}`;
      };
      const counted = (figure: 'signUps' | 'referrals' | 'reversedReferrals') =>
        both((row) => count(row?.[figure] ?? 0));
      const amount = (figure: 'revenueMinor' | 'refundsMinor' | 'creatorMinor') =>
        currency === null ? '' : both((row) => money(row?.[figure] ?? 0, currency));
      return [
        currency ?? '—',
        counted('signUps'),
        counted('referrals'),
        counted('reversedReferrals'),
        amount('revenueMinor'),
        amount('refundsMinor'),
        amount('creatorMinor'),
      ];
    }),
  );
}

/** Undefined: nothing is carried. */
export function carriedTable(
  terminal: Colors,
  { carriedCreator, carriedReferrers }: Totals,
): string | undefined {
  const rows = [
    ...carriedCreator.map((one): string[] => [
      monthName(one.origin),
      'creator',
      one.currency ?? '—',
      count(one.referrals),
      one.currency === null ? '' : money(one.creatorMinor, one.currency),
    ]),
    ...carriedReferrers.map((one): string[] => [
      monthName(one.origin),
      'members',
      one.currency,
      count(one.referrals),
      money(one.earningsMinor, one.currency),
    ]),
  ];
  if (rows.length === 0) return undefined;
  const titles = [{ title: 'month' }, { title: 'whose' }, { title: 'currency' }];
  return tableOf(terminal, [...titles, right('referrals'), right('amount')], rows);
}

export interface Drift {
  readonly pending: {
    readonly creator: readonly CreatorAmounts[];
    readonly referrers: readonly (ReferrerAmounts & { readonly memberId: string })[];
    readonly lines: readonly {
      readonly position: number;
      readonly eventType: string;
      readonly kind: string;
      readonly sourceId: string;
      readonly day: string;
      readonly memberId: string;
      readonly currency: string | null;
      readonly count: number;
      readonly saleMinor: number;
    }[];
    readonly isCut: boolean;
  };
  readonly adjustments: unknown;
}

/** What is pending, by figure and by event; undefined: nothing. */
export function driftText(terminal: Colors, { pending }: Drift): string | undefined {
  const { creator, referrers, lines, isCut } = pending;
  if (creator.length === 0 && referrers.length === 0 && lines.length === 0) return undefined;
  const members = tableOf(
    terminal,
    [{ title: 'member' }, { title: 'currency' }, right('referrals'), right('earnings')],
    referrers.map((one) => [
      one.memberId,
      one.currency,
      count(one.referrals),
      money(one.earningsMinor, one.currency),
    ]),
  );
  const events = tableOf(
    terminal,
    [
      right('position'),
      { title: 'event' },
      { title: 'line' },
      { title: 'of' },
      { title: 'day' },
      { title: 'member' },
      right('amount'),
    ],
    lines.map((one) => [
      String(one.position),
      one.eventType,
      one.count < 0 ? `-${one.kind}` : one.kind,
      one.sourceId,
      one.day,
      one.memberId,
      one.currency === null || one.saleMinor === 0 ? '' : money(one.saleMinor, one.currency),
    ]),
  );
  return [
    `Pending: known now, and not stated yet.\n\n${figuresTable(terminal, creator)}`,
    ...(referrers.length === 0 ? [] : [members]),
    ...(lines.length === 0 ? [] : [events]),
    ...(isCut ? ['There is more than this.'] : []),
  ].join('\n\n');
}
