/** A sale as a row: what was paid, who gets what of it, that it adds up, and what was taken back. */
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Schemas } from '../api/client.js';
import { Instant, Money, Why } from '../ui/figure.js';
import { AlertIcon, CheckIcon } from '../ui/icons.js';
import { MemberName } from '../ui/member-name.js';
import type { Column } from '../ui/table.js';
import classes from './sales.module.css';

type Payment = Schemas['PaymentDto'];

interface Shown {
  readonly creator: string;
  readonly timeZone: string;
  /** All of them are one member's: who that is need not be said. */
  readonly isOfReferrer: boolean;
  /** Several currencies may meet. */
  readonly withCode: boolean;
}

const SHARES = [
  ['saleMinor', 'Sale'],
  ['memberMinor', 'Member share'],
  ['creatorMinor', 'Creator share'],
  ['platformMinor', 'Platform share'],
] as const;

/** The list itself, with room to the side. */
export const Sales = ({ children }: { readonly children: ReactNode }) => (
  <div className={classes.wide}>{children}</div>
);

export function saleColumns({
  creator,
  timeZone,
  isOfReferrer,
  withCode,
}: Shown): readonly Column<Payment>[] {
  return [
    {
      id: 'paid',
      head: 'Paid',
      cell: ({ paidAt }) => <Instant iso={paidAt} timeZone={timeZone} />,
    },
    {
      id: 'who',
      head: 'Who paid',
      isTitle: true,
      cell: ({ member, month, paymentId, kind }) => (
        <div className={classes.who}>
          <MemberName creator={creator} {...member} month={month} isRow />
          <Text span size="xs" c="dimmed" className="break">
            {kind === 'initial' ? 'first payment' : 'later payment'}{' '}
            <span className="mono">{paymentId}</span>
          </Text>
        </div>
      ),
    },
    ...(isOfReferrer ? [] : [referrer(creator)]),
    ...SHARES.map(
      ([figure, head]): Column<Payment> => ({
        id: figure,
        head,
        isFigure: true,
        cell: (row) => (
          <Share creator={creator} row={row} figure={figure} head={head} withCode={withCode} />
        ),
      }),
    ),
    { id: 'sum', head: 'Σ = sale', cell: (row) => <Sum row={row} /> },
  ];
}

const referrer = (creator: string): Column<Payment> => ({
  id: 'referrer',
  head: 'Referred by',
  cell: ({ referrer: by, month }) =>
    by === null ? (
      <Text span inherit c="dimmed">
        nobody
      </Text>
    ) : (
      <MemberName creator={creator} {...by} month={month} />
    ),
});

interface ShareProps {
  readonly creator: string;
  readonly row: Payment;
  readonly figure: (typeof SHARES)[number][0];
  readonly head: string;
  readonly withCode: boolean;
}

/** With each reversal beneath, in its own month. */
function Share({ creator, row, figure, head, withCode }: ShareProps) {
  const { currency, paymentId, reversals } = row;
  const cell = (minor: number, source: string, said: string) => (
    <Why asks={{ creator, figure, source }} of={`${head.toLowerCase()} of ${said} ${source}`}>
      <Money minor={minor} currency={currency} withCode={withCode && figure === 'saleMinor'} />
    </Why>
  );
  return (
    <span className={classes.share}>
      <span>{cell(row[figure], paymentId, 'payment')}</span>
      {reversals.map((reversal) => (
        <span key={reversal.reversalId} className={classes.back}>
          {cell(reversal[figure] === 0 ? 0 : -reversal[figure], reversal.reversalId, 'refund')}
        </span>
      ))}
    </span>
  );
}

const adds = (row: Record<(typeof SHARES)[number][0], number>): boolean =>
  row.memberMinor + row.creatorMinor + row.platformMinor === row.saleMinor;

/** That the shares are the sale, of the sale and of each reversal. */
function Sum({ row }: { readonly row: Payment }) {
  const isWhole = adds(row) && row.reversals.every(adds);
  return (
    <span className={classes.sum} data-whole={isWhole}>
      {isWhole ? <CheckIcon size={15} /> : <AlertIcon size={15} />}
      <span className="spoken">{isWhole ? 'the shares are the sale' : ''}</span>
      {!isWhole && 'they differ'}
    </span>
  );
}
