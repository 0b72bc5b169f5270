/** Commission lines by payment, netted: what stands now of every sale. */
import { sql } from 'kysely';
import { type Read, type ReadSource, readOf, table } from './read.queries.js';

export type PaymentKind = 'initial' | 'recurring' | 'organic';

export interface PaymentRow {
  readonly payment_id: string;
  readonly member_id: string;
  readonly name: string | null;
  readonly username: string | null;
  readonly referrer_id: string;
  readonly first: boolean;
  readonly at: number;
  readonly day: string;
  readonly currency: string;
  readonly sale_minor: string;
  readonly member_minor: string;
  readonly creator_minor: string;
  readonly platform_minor: string;
}

export interface PaymentsArgs {
  readonly creatorId: string;
  readonly month?: string;
  readonly memberId?: string;
  /** initial and recurring include organic ones. */
  readonly kind?: PaymentKind;
  readonly limit: number;
  readonly after?: { readonly at: number; readonly paymentId: string };
}

export function payments(
  source: ReadSource,
  args: PaymentsArgs,
): Promise<Read<PaymentRow> | undefined> {
  const { creatorId, month, memberId, kind, limit, after } = args;
  const first = kind === 'initial' ? true : kind === 'recurring' ? false : null;
  return readOf(
    source,
    creatorId,
    sql`
      select n.*, p.name, p.username from (
        select l.source_id as payment_id, l.member_id, l.referrer_id, l.first, l.at, l.day, l.currency,
          sum(l.sale_minor)::text as sale_minor, sum(l.member_minor)::text as member_minor,
          sum(l.creator_minor)::text as creator_minor, sum(l.platform_minor)::text as platform_minor
        from ${table(source.schema, 'lines')} l
        where l.creator_id = ${creatorId} and l.kind = 'sale'
          and (${month ?? null}::text is null or l.month = ${month ?? null}::text)
          and (${memberId ?? null}::text is null or l.member_id = ${memberId ?? null}::text)
          and (${first}::boolean is null or l.first = ${first}::boolean)
          and (${kind === 'organic'}::boolean is false or l.referrer_id = '')
          and (${after?.at ?? null}::bigint is null
            or (l.at, l.source_id) < (${after?.at ?? null}::bigint, ${after?.paymentId ?? null}::text))
        group by l.at, l.source_id, l.member_id, l.referrer_id, l.first, l.day, l.currency
        having sum(l.count) <> 0
        order by l.at desc, l.source_id desc limit ${limit}) n
      left join profiles p on p.creator_id = ${creatorId} and p.member_id = n.member_id
      order by n.at desc, n.payment_id desc`,
  );
}
