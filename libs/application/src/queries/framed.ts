/** What the answers of queries share: names, places in a list, position and period. */
import type { Instant } from '#libs/ledger';
import type { MemberRow } from '#projections';
import type { Answer } from './read-side.js';

export interface Named {
  readonly memberId: string;
  /** What to call them: name, else username, else id. */
  readonly name: string;
}

export const named = (row: {
  member_id: string;
  name: string | null;
  username: string | null;
}): Named => ({
  memberId: row.member_id,
  name: row.name ?? row.username ?? row.member_id,
});

export const referrerOf = (row: MemberRow): Named | null =>
  row.referrer_id === null
    ? null
    : named({
        member_id: row.referrer_id,
        name: row.referrer_name,
        username: row.referrer_username,
      });

/** What every answer carries. */
export type Framed<T> = T & Pick<Answer<never>, 'asOf' | 'period'>;

export const frameOf = ({ asOf, period }: Answer<unknown>) => ({ asOf, period });

/** Place of the last row of a page that goes by time. */
export interface TimePlace {
  readonly at: Instant;
  readonly id: string;
}
