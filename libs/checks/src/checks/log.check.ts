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
    contradictions(
      contradiction({
        key: { stream: 's.stream' },
        creator: 'null',
        expected: { revisions: `'0 to ' || (s.events - 1)` },
        actual: { revisions: `s.first || ' to ' || s.last` },
        from: sql`
          from (select stream, count(*) as events, min(revision) as first, max(revision) as last
            from public.events group by stream) s
          where s.first <> 0 or s.last <> s.events - 1`,
      }),
      contradiction({
        key: { stream: 'o.stream', position: 'o.position' },
        creator: 'null',
        expected: { revision: `'after ' || o.previous` },
        actual: { revision: 'o.revision' },
        from: sql`
          from (select stream, position, revision,
              lag(revision) over (partition by stream order by position) as previous
            from public.events) o
          where o.previous >= o.revision`,
      }),
    ),
});

/** The last event that each delivery caused in its member's stream (not those of codes and creators), as the events say. */
const CAUSED = sql`
  select (metadata ->> 'delivery')::bigint as id,
    max(position) filter (where stream like 'member-%') as position
  from public.events where metadata ->> 'delivery' ~ '^[0-9]{1,18}$' group by 1`;

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
        key: { delivery: 'coalesce(c.id, d.id)' },
        creator: 'd.creator_id',
        expected: {
          position: 'c.position',
          outcome: `case when c.id is null then d.outcome else 'applied' end`,
        },
        actual: { position: 'd.position', outcome: 'd.outcome' },
        from: sql`
          from (${CAUSED}) c full join public.deliveries d on d.id = c.id
          where (c.id is not null or d.position is not null)
            and (c.position is distinct from d.position or d.outcome is distinct from 'applied')`,
      }),
      contradiction({
        key: { delivery: 'd.id' },
        creator: 'd.creator_id',
        expected: { accounted: `'as an outcome of ' || d.outcome || ' promises'` },
        actual: {
          outcome: 'd.outcome',
          position: 'd.position',
          code: 'd.code',
          decidedAt: 'd.decided_at',
        },
        from: sql`
          from public.deliveries d
          where not (case d.outcome ${sql.raw(
            Object.entries(PROMISES)
              .map(([outcome, promise]) => `when '${outcome}' then ${promise}`)
              .join(' '),
          )} else false end) or (d.outcome <> 'pending' and d.decided_at is null)`,
      }),
      contradiction({
        key: { delivery: 'd.id' },
        creator: 'd.creator_id',
        expected: { creatorId: `split_part(substr(e.stream, strpos(e.stream, '-') + 1), '.', 1)` },
        actual: { creatorId: 'd.creator_id' },
        from: sql`
          from public.deliveries d join public.events e on e.position = d.position
          where e.stream like 'member-%'
            and d.creator_id is distinct from split_part(substr(e.stream, 8), '.', 1)`,
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
