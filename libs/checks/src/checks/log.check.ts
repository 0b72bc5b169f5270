/** What holds of the log itself. */
import { sql } from 'kysely';
import { checkOf, contradiction, streamsOf } from '../check.js';
import { isUnique } from '../proofs.js';
import { rareEvents, rareStage } from '../rare-events.js';

export const positionsWithoutGap = checkOf({
  name: 'positions-without-gap',
  whole: true,
  why: 'The positions of the log are 1, 2, 3 and so on; none is missing.',
  // Different whole numbers from 1, and as many as the largest of them: each is there.
  proof: () => sql`
    select ${isUnique('public.events', ['position'])}
      and min(position) >= 1 and max(position) = count(*) as holds
    from public.events`,
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
  whole: true,
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
          -- In the order of an index that holds all three: nothing is sorted, and no event is read.
          window by_revision as (partition by stream order by revision)) o
        where o.revision <> o.place or o.previous > o.position`,
    }),
});

export const conflicts = checkOf({
  name: 'conflicting-tellings',
  remedy: 'deliveries',
  why: 'Later tellings that contradicted the first: they changed nothing, and somebody should know.',
  severity: 'warning',
  stages: [rareStage],
  violations: (scope) =>
    contradiction({
      key: { stream: 'e.stream', position: 'e.position', fact: `e.data ->> 'fact'` },
      creator: `split_part(substr(e.stream, 8), '.', 1)`,
      expected: { told: `(e.data ->> 'field') || ' ' || (e.data ->> 'first')` },
      actual: { told: `(e.data ->> 'field') || ' ' || (e.data ->> 'told')` },
      from: sql`
        from ${rareEvents(scope)} e where e.type = 'ConflictFound' and ${streamsOf(scope, 'member', 'e')}`,
    }),
});
