/** Which streams are whose, and which there are. A creator's streams lie in few ranges of names. */
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '#libs/database';
import { creatorStream, memberStream, monthsStream } from '#libs/ledger';
import { aboutOfStream } from './about.js';

/** Communities in which one person is looked for at most. */
export const MAX_COMMUNITIES = 200;

/**
 * Streams of members, settings, months and snapshots of one creator, of `e`. Codes and assigned
 * memberships have streams that name no creator.
 */
export function isOfCreator(creatorId: string): RawBuilder<boolean> {
  const creator = creatorStream(creatorId);
  const members = memberRange(creatorId);
  const snapshots = `snapshot-${creatorId}_`;
  // A longer id may begin like this one: only a month may follow.
  const month = `^[0-9]{4}-[0-9]{2}_v`;
  return sql<boolean>`(
    (e.stream >= ${members.from} and e.stream < ${members.to})
    or e.stream = ${creator} or e.stream = ${monthsStream(creatorId)}
    or (e.stream >= ${snapshots} and e.stream < ${`${snapshots.slice(0, -1)}\u0060`}
      and substr(e.stream, ${snapshots.length + 1}::integer) ~ ${month}))`;
}

/** From the first name to before the last: a creator's id holds no dot, and `/` follows it. */
const memberRange = (creatorId: string) => ({
  from: `member-${creatorId}.`,
  to: `member-${creatorId}/`,
});

/** How many events a creator has, counted up to `most`. */
export async function countOfCreator(db: Database, creatorId: string, most: number) {
  const { rows } = await sql<{ count: string }>`
    /* planned anew */ select count(*) from (
      select from events e where ${isOfCreator(creatorId)} limit ${most}::bigint) as counted`.execute(
    db,
  );
  return Number(rows[0]?.count ?? 0);
}

/** The streams of one person: in the creator's community, or in every one that knows them. */
export async function memberStreams(
  db: Database,
  memberId: string,
  creatorId: string | undefined,
): Promise<string[]> {
  if (creatorId !== undefined) return [memberStream(creatorId, memberId)];
  // Every creator has a stream, whose first event has revision 0; `.` follows `-`.
  const { rows } = await sql<{ stream: string }>`
    /* planned anew */ select s.stream from events c
    cross join lateral (
      select 'member-' || substr(c.stream, 9) || '.' || ${memberId}::text as stream) s
    where c.stream >= 'creator-' and c.stream < 'creator.' and c.revision = 0
      and exists (select from events m where m.stream = s.stream and m.revision = 0)
    order by s.stream limit ${MAX_COMMUNITIES}::bigint`.execute(db);
  return rows.map(({ stream }) => stream);
}

export interface ListedStream {
  readonly stream: string;
  /** How many events it has. */
  readonly events: bigint;
  readonly firstPosition: bigint;
  readonly lastPosition: bigint;
  /** Of the last event, unix milliseconds. */
  readonly recordedAt: number;
}

/**
 * Streams whose names begin with a prefix, by name, behind `after`. Jumps from each name to the
 * next, so that a stream costs two look-ups, however many events it has.
 */
export async function streamsFrom(
  db: Database,
  prefix: string,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ items: ListedStream[]; next: string | undefined }> {
  const { rows } = await sql<{
    stream: string;
    revision: string;
    first: string;
    last: string;
    recorded_at: string;
  }>`
    /* planned anew */ with recursive names(stream, n) as (
      (select e.stream, 1 from events e
        where e.stream >= ${prefix} and (${after ?? null}::text is null or e.stream > ${after ?? ''})
        order by e.stream limit 1)
      union all
      select (select e.stream from events e where e.stream > names.stream order by e.stream limit 1),
        names.n + 1
      from names where starts_with(names.stream, ${prefix}) and names.n <= ${limit}::integer
    )
    select names.stream, last.revision, last.position as last,
      (date_part('epoch', last.recorded_at) * 1000)::bigint as recorded_at,
      (select e.position from events e where e.stream = names.stream and e.revision = 0) as first
    from names cross join lateral (
      select e.revision, e.position, e.recorded_at from events e where e.stream = names.stream
      order by e.revision desc limit 1) as last
    where starts_with(names.stream, ${prefix}) order by names.stream`.execute(db);
  const items = rows.slice(0, limit).map((row) => ({
    stream: row.stream,
    events: BigInt(row.revision) + 1n,
    firstPosition: BigInt(row.first),
    lastPosition: BigInt(row.last),
    recordedAt: Number(row.recorded_at),
  }));
  return { items, next: rows.length > limit ? items.at(-1)?.stream : undefined };
}

/** As `streamsFrom`, of one creator: of each kind of stream in turn, in the order of their names. */
export async function streamsOfCreator(
  db: Database,
  creatorId: string,
  prefix: string,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ items: ListedStream[]; next: string | undefined }> {
  const kinds = [
    { begins: creatorStream(creatorId), isWhole: true },
    { begins: memberRange(creatorId).from, isWhole: false },
    { begins: monthsStream(creatorId), isWhole: true },
    { begins: `snapshot-${creatorId}_`, isWhole: false },
  ];
  const items: ListedStream[] = [];
  for (const { begins, isWhole } of kinds) {
    if (!begins.startsWith(prefix) && (isWhole || !prefix.startsWith(begins))) continue;
    const narrowest = prefix.length > begins.length ? prefix : begins;
    // A whole name comes first of those that begin with it; the others are another creator's.
    for (let from = after, isMore = true; isMore && items.length <= limit; ) {
      const asked = { after: from, limit: isWhole ? 1 : limit + 1 - items.length };
      const page = await streamsFrom(db, narrowest, asked);
      items.push(
        ...page.items.filter(({ stream }) => aboutOfStream(stream).creatorId === creatorId),
      );
      from = page.next;
      isMore = from !== undefined && !isWhole;
    }
  }
  const shown = items.slice(0, limit);
  return { items: shown, next: items.length > limit ? shown.at(-1)?.stream : undefined };
}

/** Facts are found by the intake's routes (libs/ingestion/src/keys.ts): their ids are the provider's. */
const FACTS = ['payment', 'reversal', 'membership'];

/** The stream to which the id of a payment, refund, dispute or membership leads. */
export async function streamToWhich(db: Database, factId: string): Promise<string | undefined> {
  const keys = FACTS.map((kind) => `${kind}:${factId}`);
  const { rows } = await sql<{ stream: string }>`
    select stream from public.routes where key = any(${keys}::text[])
    order by key limit 1`.execute(db);
  return rows[0]?.stream;
}
