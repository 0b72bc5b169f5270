/** What holds of the log itself and of the deliveries that it was made from. */
import { sql } from 'kysely';
import { checkOf, contradiction, contradictions } from '../check.js';

export const positionsWithoutGap = checkOf({
  name: 'positions-without-gap',
  why: 'The positions of the log are 1, 2, 3 and so on; none is missing.',
  violations: () =>
    contradiction({
      key: { position: 'g.position' },
      creator: 'null',
      expected: { previous: 'g.position - 1' },
      actual: { previous: 'g.previous' },
      from: sql`
        from (select position, lag(position, 1, 0::bigint) over (order by position) as previous
          from public.events) g
        where g.previous <> g.position - 1`,
    }),
});

export const revisionsWithoutGap = checkOf({
  name: 'revisions-without-gap',
  why: 'The revisions of every stream are 0, 1, 2 and so on, in the order of their positions.',
  violations: () =>
    contradiction({
      key: { stream: 'o.stream', position: 'o.position' },
      creator: 'null',
      expected: { revision: 'o.place', after: 'o.previous' },
      actual: {
        revision: 'o.revision',
        after: `case when o.previous > o.position then 'before ' || o.previous
          else o.previous::text end`,
      },
      from: sql`
        from (select stream, position, revision,
            row_number() over by_revision - 1 as place, lag(position) over by_revision as previous
          from public.events
          window by_revision as (
            -- Streams begin alike: sorting by their hash first compares numbers, not texts.
            partition by hashtextextended(stream, 0), stream order by revision)) o
        where o.revision <> o.place or o.previous > o.position`,
    }),
});

/**
 * Events that a delivery caused in its member's stream; those of codes and creators go with them.
 * A delivery's position is that of the last of them.
 */
const CAUSED = sql`
  select position, stream, metadata ->> 'delivery' as delivery
  from public.events where stream like 'member-%' and metadata ? 'delivery'`;

/** What the outcome of a delivery promises of its other columns. */
const PROMISES: Readonly<Record<string, string>> = {
  pending: 'd.position is null',
  applied: `d.position is not null and d.creator_id is not null and coalesce(d.code, 'conflict') = 'conflict'`,
  unchanged: `d.position is null and coalesce(d.code, 'conflict') = 'conflict'`,
  ignored: 'd.position is null and d.code is not null',
  parked: 'd.position is null and d.code is not null',
  quarantined: 'd.position is null and d.code is not null',
  excluded: 'd.position is null',
};

export const deliveriesAccountedFor = checkOf({
  name: 'deliveries-accounted-for',
  why: 'Every delivery has become events, or is known to change nothing, ignored, parked, quarantined or excluded; and every event that names a delivery has it.',
  violations: () =>
    contradictions(
      contradiction({
        key: { delivery: 'coalesce(d.id::text, c.delivery)' },
        creator: 'd.creator_id',
        expected: {
          outcome: `case when c.position is null then 'as its columns say' else 'applied' end`,
          position: `case when c.delivery = d.id::text then c.position end`,
          creatorId: `case when c.delivery = d.id::text
            then split_part(substr(c.stream, 8), '.', 1) end`,
        },
        actual: {
          outcome: 'd.outcome',
          position: 'd.position',
          creatorId: 'd.creator_id',
          code: 'd.code',
          decidedAt: 'd.decided_at',
        },
        from: sql`
          from (${CAUSED}) c full join public.deliveries d on d.position = c.position
          where d.id is not null and (
            c.delivery is distinct from (case when d.position is not null then d.id::text end)
            or (c.position is not null and d.outcome <> 'applied')
            or not starts_with(c.stream, 'member-' || d.creator_id || '.')
            or (d.outcome <> 'pending' and d.decided_at is null)
            or not (case d.outcome ${sql.raw(
              Object.entries(PROMISES)
                .map(([outcome, promise]) => `when '${outcome}' then ${promise}`)
                .join(' '),
            )} else false end))`,
      }),
      contradiction({
        key: { delivery: 'c.delivery' },
        creator: `split_part(substr(c.stream, 8), '.', 1)`,
        expected: { position: 'c.position', outcome: `'applied'` },
        actual: { position: 'd.position', outcome: 'd.outcome' },
        // An event that is not the last of its delivery: a later one is.
        from: sql`
          from (${CAUSED}) c
          left join public.deliveries d on d.id::text = c.delivery
          where d.position is null or d.position < c.position`,
      }),
      contradiction({
        key: { delivery: 'coalesce(w.delivery, d.id)' },
        creator: 'd.creator_id',
        expected: { waits: `(d.outcome = 'parked')` },
        actual: { waits: '(w.delivery is not null)' },
        from: sql`
          from (select * from public.deliveries where outcome = 'parked') d
          full join (select distinct delivery from public.waiting) w on w.delivery = d.id
          where d.id is null or w.delivery is null`,
      }),
    ),
});

export const unresolvedDeliveries = checkOf({
  name: 'unresolved-deliveries',
  why: 'Deliveries that are parked or quarantined: no figure contains them until they are resolved.',
  severity: 'warning',
  violations: () =>
    contradiction({
      key: { delivery: 'd.id' },
      creator: 'd.creator_id',
      expected: null,
      actual: { outcome: 'd.outcome', type: 'd.type', code: 'd.code' },
      from: sql`from public.deliveries d where d.outcome in ('parked', 'quarantined')`,
    }),
});

export const conflicts = checkOf({
  name: 'conflicting-tellings',
  why: 'Later tellings that contradicted the first: they changed nothing, and somebody should know.',
  severity: 'warning',
  violations: () =>
    contradiction({
      key: { stream: 'e.stream', position: 'e.position', fact: `e.data ->> 'fact'` },
      creator: `split_part(substr(e.stream, 8), '.', 1)`,
      expected: { told: `(e.data ->> 'field') || ' ' || (e.data ->> 'first')` },
      actual: { told: `(e.data ->> 'field') || ' ' || (e.data ->> 'told')` },
      from: sql`from public.events e where e.type = 'ConflictFound'`,
    }),
});
