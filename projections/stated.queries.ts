/**
 * What is stated of months and what is known of them, as sums of the same columns (product.md,
 * "Months"): `stated(M)` is what the latest versions of all snapshots say of M, whichever month they
 * are of; `known(M)` is what the read models say now; what lies between is pending.
 */
import { type RawBuilder, sql } from 'kysely';
import {
  type Amounts,
  CREATOR_FIGURES,
  type CreatorFigure,
  REFERRER_FIGURES,
  type ReferrerFigure,
} from '#libs/ledger';
import { snake } from '#libs/projector';
import { type Select, table } from './read.queries.js';

/** Figures of months, of the creator or of members; amounts are texts. */
export type AmountColumns<F extends string> = Readonly<Record<F, string>>;
export interface CreatorAmountsRow {
  readonly origin: string;
  readonly currency: string;
  readonly amounts: AmountColumns<CreatorFigure>;
}
export interface ReferrerAmountsRow {
  readonly origin: string;
  readonly member_id: string;
  readonly currency: string;
  readonly amounts: AmountColumns<ReferrerFigure>;
}

/** Amounts as they are calculated with. */
export const amountsFrom = <F extends string>(
  names: readonly F[],
  columns: AmountColumns<F>,
): Amounts<F> =>
  Object.fromEntries(names.map((name) => [name, BigInt(columns[name])])) as Amounts<F>;

/** The latest version of every closed month: `month, version, snapshot, position`. */
export const latestSnapshots = (schema: string, creatorId: string): RawBuilder<unknown> => sql`
  select distinct on (s.month) s.month, s.version, s.snapshot, s.position
  from ${table(schema, 'snapshots')} s where s.creator_id = ${creatorId}
  order by s.month, s.version desc`;

/** Which months, by the column that names them; and which snapshots count as stating them, by `s.month`. */
export interface Compared {
  readonly creatorId: string;
  readonly months: (month: RawBuilder<unknown>) => RawBuilder<unknown>;
  readonly stating: RawBuilder<unknown>;
}

/** The figures of exactly one month, or of all before it. */
export const isMonth =
  (month: string) =>
  (column: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`${column} = ${month}`;
export const isBefore =
  (month: string) =>
  (column: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`${column} < ${month}`;
/** Every snapshot states; or all but those of one month. */
export const ALL_STATE = sql`true`;
export const othersState = (month: string): RawBuilder<unknown> => sql`s.month <> ${month}`;

const columnsOf = (names: readonly string[]): RawBuilder<unknown>[] =>
  names.map((name) => sql.ref(snake(name)));

/** A JSON object of a row's amounts, as texts. */
export function amountsJson(names: readonly string[], from: string): RawBuilder<unknown> {
  const pairs = names.map(
    (name) => sql`${sql.lit(name)}, ${sql.ref(from)}.${sql.ref(snake(name))}::text`,
  );
  return sql`json_build_object(${sql.join(pairs)})`;
}

/** A JSON object of the sums, as texts. */
function sums(names: readonly string[]): RawBuilder<unknown> {
  const pairs = names.map((name) => sql`${sql.lit(name)}, sum(d.${sql.ref(snake(name))})::text`);
  return sql`json_build_object(${sql.join(pairs)})`;
}

const isAny = (names: readonly string[]): RawBuilder<unknown> =>
  sql.join(
    columnsOf(names).map((column) => sql`sum(d.${column}) <> 0`),
    sql` or `,
  );
const plus = (names: readonly string[], from: string): RawBuilder<unknown> =>
  sql.join(columnsOf(names).map((column) => sql`${sql.ref(from)}.${column}`));
const minus = (names: readonly string[], from: string): RawBuilder<unknown> =>
  sql.join(columnsOf(names).map((column) => sql`-${sql.ref(from)}.${column}`));

/** Known less stated, of the creator; only what is not zero. */
export const creatorDifference = (
  schema: string,
  { creatorId, months, stating }: Compared,
): Select<CreatorAmountsRow> => sql`
  select d.origin, d.currency, ${sums(CREATOR_FIGURES)} as amounts from (
    select k.month as origin, k.currency, ${plus(CREATOR_FIGURES, 'k')}
    from ${table(schema, 'creator_months')} k
    where k.creator_id = ${creatorId} and ${months(sql`k.month`)}
    union all
    select l.origin, l.currency, ${minus(CREATOR_FIGURES, 'l')}
    from ${table(schema, 'snapshot_creators')} l
    join (${latestSnapshots(schema, creatorId)}) s on s.snapshot = l.snapshot
    where l.creator_id = ${creatorId} and ${months(sql`l.origin`)} and ${stating}) d
  group by d.origin, d.currency having ${isAny(CREATOR_FIGURES)}
  order by d.origin, d.currency`;

/** Known less stated, of members; only what is not zero. */
export const referrerDifference = (
  schema: string,
  { creatorId, months, stating }: Compared,
): Select<ReferrerAmountsRow> => sql`
  select d.origin, d.member_id, d.currency, ${sums(REFERRER_FIGURES)} as amounts from (
    select k.month as origin, k.member_id, k.currency, ${plus(REFERRER_FIGURES, 'k')}
    from ${table(schema, 'member_months')} k
    where k.creator_id = ${creatorId} and ${months(sql`k.month`)}
    union all
    select l.origin, l.member_id, l.currency, ${minus(REFERRER_FIGURES, 'l')}
    from ${table(schema, 'snapshot_referrers')} l
    join (${latestSnapshots(schema, creatorId)}) s on s.snapshot = l.snapshot
    where l.creator_id = ${creatorId} and ${months(sql`l.origin`)} and ${stating}) d
  group by d.origin, d.member_id, d.currency having ${isAny(REFERRER_FIGURES)}
  order by d.origin, d.member_id, d.currency`;

/** What is known of the creator, of these months. */
export const creatorKnown = (
  schema: string,
  { creatorId, months }: Omit<Compared, 'stating'>,
): Select<CreatorAmountsRow> => sql`
  select d.month as origin, d.currency, ${sums(CREATOR_FIGURES)} as amounts
  from ${table(schema, 'creator_months')} d
  where d.creator_id = ${creatorId} and ${months(sql`d.month`)}
  group by d.month, d.currency having ${isAny(CREATOR_FIGURES)} order by d.month, d.currency`;

/** What one snapshot states of the creator, of these months. */
export const creatorStated = (
  schema: string,
  { creatorId, months, snapshot }: Omit<Compared, 'stating'> & { readonly snapshot: string },
): Select<CreatorAmountsRow> => sql`
  select d.origin, d.currency, ${sums(CREATOR_FIGURES)} as amounts
  from ${table(schema, 'snapshot_creators')} d
  where d.creator_id = ${creatorId} and ${months(sql`d.origin`)} and d.snapshot = ${snapshot}
  group by d.origin, d.currency order by d.origin, d.currency`;

/** What one snapshot states of members, of these months. */
export const referrerStated = (
  schema: string,
  { creatorId, months, snapshot }: Omit<Compared, 'stating'> & { readonly snapshot: string },
): Select<ReferrerAmountsRow> => sql`
  select d.origin, d.member_id, d.currency, ${sums(REFERRER_FIGURES)} as amounts
  from ${table(schema, 'snapshot_referrers')} d
  where d.creator_id = ${creatorId} and ${months(sql`d.origin`)} and d.snapshot = ${snapshot}
  group by d.origin, d.member_id, d.currency order by d.origin, d.member_id, d.currency`;

/** What is known of members, of these months; of one alone if named. */
export const referrerKnown = (
  schema: string,
  { creatorId, months, memberId }: Omit<Compared, 'stating'> & { readonly memberId?: string },
): Select<ReferrerAmountsRow> => sql`
  select d.month as origin, d.member_id, d.currency, ${sums(REFERRER_FIGURES)} as amounts
  from ${table(schema, 'member_months')} d
  where d.creator_id = ${creatorId} and ${months(sql`d.month`)}
    ${memberId === undefined ? sql`` : sql`and d.member_id = ${memberId}`}
  group by d.month, d.member_id, d.currency order by d.month, d.member_id, d.currency`;
