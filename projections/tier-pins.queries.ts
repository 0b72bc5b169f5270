/** Pinned tiers in force at an instant, as parts of other statements; answered columns are null where none is. */
import { type RawBuilder, sql } from 'kysely';
import { table } from './read.queries.js';

export interface PinColumns {
  readonly pin_tier: string | null;
  readonly pin_reason: string | null;
  readonly pin_since: number | null;
}

interface PinsArgs {
  readonly creatorId: string;
  /** Unix seconds. */
  readonly at: number;
}

/**
 * The tier pinned for one member, as an expression, or null: the last entry of the primary key up to
 * the instant. Most creators pin nobody, which is asked once and not for each member.
 */
export const pinOf = (
  schema: string,
  { creatorId, at }: Readonly<Record<'creatorId' | 'at', RawBuilder<unknown>>>,
  memberId: RawBuilder<unknown>,
): RawBuilder<unknown> => sql`
  case when exists (select from ${table(schema, 'tier_pins')} t where t.creator_id = ${creatorId}) then (
    select nullif(t.tier, '') from ${table(schema, 'tier_pins')} t
    where t.creator_id = ${creatorId} and t.member_id = ${memberId} and t.effective_at <= ${at}::bigint
    order by t.effective_at desc limit 1) end`;

/** For a join with many members: pins are few, and are read once. */
export const pinsOf = (schema: string, { creatorId, at }: PinsArgs): RawBuilder<unknown> => sql`
  select * from (
    select distinct on (t.member_id) t.member_id, t.tier as pin_tier, t.reason as pin_reason, t.effective_at as pin_since
    from ${table(schema, 'tier_pins')} t
    where t.creator_id = ${creatorId} and t.effective_at <= ${at}::bigint
    order by t.member_id desc, t.effective_at desc) o
  where o.pin_tier <> ''`;
