/** How a number stands on a page: Money, Count and Instant, and the link that says why it is what it is. */

import type { ReactNode } from 'react';
import type { ExplainAsked } from '../api/reads.js';
import classes from './figure.module.css';
import { countText, moneyText } from './figures.js';
import { dateText, timeText, wholeText } from './instants.js';
import { PageLink } from './page-link.js';

/** An amount in minor units of its currency; the code is added where several may meet. */
export function Money({
  minor,
  currency,
  withCode = false,
}: {
  readonly minor: number;
  readonly currency: string;
  readonly withCode?: boolean;
}) {
  return (
    <span className="num" data-negative={minor < 0 || undefined}>
      {moneyText(minor, currency)}
      {withCode && <span className={classes.code}> {currency.toUpperCase()}</span>}
    </span>
  );
}

export function Count({ n }: { readonly n: number }) {
  return <span className="num">{countText(n)}</span>;
}

/** A date, or a date with its time, in the creator's zone; the whole of it, and UTC, on hovering. */
export function Instant({
  iso,
  timeZone,
  as = 'date',
}: {
  readonly iso: string;
  readonly timeZone: string;
  readonly as?: 'date' | 'time';
}) {
  const text = as === 'date' ? dateText(iso, timeZone) : timeText(iso, timeZone);
  return (
    <time className="num" dateTime={iso} title={wholeText(iso, timeZone)}>
      {text}
    </time>
  );
}

/** The question of a figure, without what the page knows already. */
export type Asks = ExplainAsked;

/** A number that answers "why?" when it is followed. `of` says whose it is, for who cannot see the table. */
export function Why({
  asks,
  of,
  children,
}: {
  readonly asks: Asks;
  readonly of: string;
  readonly children: ReactNode;
}) {
  return (
    <PageLink
      to="/explain"
      search={searchOf(asks)}
      className={classes.why}
      title={`Why? ${of}`}
      underline="never"
    >
      {children}
      <span className="spoken">{of}: why?</span>
    </PageLink>
  );
}

/** Only what is asked: addresses stay short. */
export const searchOf = (asks: Asks): Record<string, string> =>
  Object.fromEntries(
    Object.entries(asks).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
