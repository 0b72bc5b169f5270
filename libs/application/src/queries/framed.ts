/** What the answers of queries share: names, places in a list, position and period. */
import { type Instant, type Tier, type TierPin, tierOf } from '#libs/ledger';
import type { SealedName } from '#libs/vault';
import type { MemberRow, PinColumns } from '#projections';
import type { Answer, NameOf } from './read-side.js';

export interface Named {
  readonly memberId: string;
  /** What to call them: name, else username, else id. */
  readonly name: string;
}

/** Here names are opened, and nowhere else. */
export const named = (
  row: { readonly member_id: string; readonly name: SealedName | null },
  nameOf: NameOf,
): Named => ({
  memberId: row.member_id,
  name: nameOf(row.member_id, row.name) ?? row.member_id,
});

export const referrerOf = (row: MemberRow, nameOf: NameOf): Named | null =>
  row.referrer_id === null
    ? null
    : named({ member_id: row.referrer_id, name: row.referrer_name }, nameOf);

/** The pin, else what the total reaches. */
export const shownTier = (
  tiers: readonly Tier[],
  total: bigint,
  { pin_tier }: Pick<PinColumns, 'pin_tier'>,
): string => pin_tier ?? tierOf(tiers, total);

export const tierPinOf = ({ pin_tier, pin_reason, pin_since }: PinColumns): TierPin | null =>
  pin_tier === null || pin_reason === null || pin_since === null
    ? null
    : { tier: pin_tier, reason: pin_reason, since: pin_since };

/** What every answer carries. */
export type Framed<T> = T & Pick<Answer<never>, 'asOf' | 'period'>;

export const frameOf = ({ asOf, period }: Answer<unknown>) => ({ asOf, period });

/** Place of the last row of a page that goes by time. */
export interface TimePlace {
  readonly at: Instant;
  readonly id: string;
}
