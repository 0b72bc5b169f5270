/** Referral lists: those whom a member referred, and a creator's newest conversions. */
import { sql } from 'kysely';
import type { SealedName } from '#libs/vault';
import { type PageArgs, type Select, table } from './read.queries.js';

export interface ReferralRow {
  readonly member_id: string;
  readonly name: SealedName | null;
  readonly signed_up_at: number | null;
  readonly converted_at: number | null;
  readonly converted_day: string | null;
  readonly listed_at: number;
}

export interface ReferralPlace {
  readonly at: number;
  readonly memberId: string;
}

export interface MemberReferralsArgs extends PageArgs<ReferralPlace> {
  readonly creatorId: string;
  readonly memberId: string;
  /** Absent: both. */
  readonly converted?: boolean | undefined;
}

/** Those whom a member referred, latest news first: converted, or signed up and not converted yet. No rows either for a member whom nobody knows. */
export function memberReferralRows(schema: string, args: MemberReferralsArgs): Select<ReferralRow> {
  const { creatorId, memberId, converted, limit, after } = args;
  return sql`
      select f.* from (
        select s.member_id, p.shown as name, s.at as signed_up_at, c.at as converted_at, c.day as converted_day,
          coalesce(c.at, s.at) as listed_at
        from ${table(schema, 'referrals')} s
        left join ${table(schema, 'referrals')} c on c.creator_id = s.creator_id and c.member_id = s.member_id
          and c.kind = 'conversion' and c.count <> 0
        left join profiles p on p.creator_id = s.creator_id and p.member_id = s.member_id
        where s.creator_id = ${creatorId} and s.referrer_id = ${memberId} and s.kind = 'signUp' and s.count <> 0) f
      where (${converted ?? null}::boolean is null or (f.converted_at is not null) = ${converted ?? null}::boolean)
        and (${after?.at ?? null}::bigint is null
          or (f.listed_at, f.member_id) < (${after?.at ?? null}::bigint, ${after?.memberId ?? null}::text))
      order by f.listed_at desc, f.member_id desc limit ${limit}`;
}

export interface ConversionRow {
  readonly member_id: string;
  readonly name: SealedName | null;
  readonly referrer_id: string;
  readonly referrer_name: SealedName | null;
  readonly at: number;
  readonly day: string;
}

/** A creator's conversions, newest first. */
export function conversionRows(
  schema: string,
  { creatorId, limit, after }: { readonly creatorId: string } & PageArgs<ReferralPlace>,
): Select<ConversionRow> {
  return sql`
      select r.member_id, p.shown as name, r.referrer_id, q.shown as referrer_name, r.at, r.day
      from ${table(schema, 'referrals')} r
      left join profiles p on p.creator_id = r.creator_id and p.member_id = r.member_id
      left join profiles q on q.creator_id = r.creator_id and q.member_id = r.referrer_id
      where r.creator_id = ${creatorId} and r.kind = 'conversion' and r.count <> 0 and r.referrer_id <> ''
        and (${after?.at ?? null}::bigint is null
          or (r.at, r.member_id) < (${after?.at ?? null}::bigint, ${after?.memberId ?? null}::text))
      order by r.at desc, r.member_id desc limit ${limit}`;
}
