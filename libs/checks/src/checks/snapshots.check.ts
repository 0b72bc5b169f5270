/**
 * What holds of closed months: a snapshot is what its pages in the log say, to the byte, and what its
 * tables say. The canonical form of a line (libs/ledger/src/snapshot-lines.ts) is written down here a
 * second time, in another language, so that a digest is recomputed by somebody else.
 */
import { sql } from 'kysely';
import {
  checkOf,
  contradiction,
  readModel,
  type Scope,
  type Stage,
  staged,
  streamsOf,
} from '../check.js';
import type { Recomputation } from '../compare.js';
import { CREATOR_SUMS, REFERRED_SUMS } from '../log-lines.js';

/** A flat object as its canonical text (RFC 8785): members sorted bytewise, no blanks. */
export const canonicalObject = (json: string): string => `(
  select '{' || string_agg(to_json(m.key)::text || ':' || ${compact('m.value')}, ','
    order by m.key collate "C") || '}' from jsonb_each(${json}) m) collate "C"`;

/** JSON as a program writes it: no blanks outside of strings. jsonb writes `", "` between elements. */
const compact = (json: string): string =>
  String.raw`regexp_replace(${json}::text, '("(?:[^"\\]|\\.)*")|\s', '\1', 'g') collate "C"`;

/** Of a line, an array of texts; only where a text may hold a quote is it read with care, which is slow. */
const CANONICAL = String.raw`case when strpos(line::text, '\') > 0 then ${compact('line')}
  else replace(line::text, '", "', '","') collate "C" end`;

/** A stream that names no creator speaks for itself. */
const ownerOf = (snapshot: string): string =>
  `coalesce(substring(${snapshot} from '^snapshot-(.+)_[0-9]{4}-[0-9]{2}_v'), ${snapshot}) collate "C"`;

/** Lines of all pages in the log, sealed or not. */
const snapshotLinesStage: Stage = {
  table: 'flywheel_snapshot_lines',
  index: 'snapshot',
  rows: (scope) => sql`
    select e.snapshot, e.page, l.line
    -- The fence: a page is large and lies outside of its row; taken apart once, not for each line.
    from (
      select e.stream as snapshot, (e.data ->> 'page')::bigint as page, e.data -> 'lines' as lines
      from public.events e
      where e.type = 'SnapshotPage' and ${streamsOf(scope, 'snapshot', 'e')} offset 0) e
    cross join lateral jsonb_array_elements(e.lines) as l(line)`,
};

const SEALS = (scope: Scope) => sql`
  select substr(e.stream, 8) collate "C" as creator_id, e.data, e.type, e.revision, e.effective_at,
    e.data ->> 'snapshot' as snapshot, (e.data ->> 'pages')::bigint as pages
  from public.events e
  where e.type in ('MonthClosed', 'MonthRestated') and ${streamsOf(scope, 'months', 'e')}`;

/** Of each seal, what the pages that it names add up to. */
const PROVEN = (scope: Scope) => sql`
  select s.*, p.lines, p.digest, p.pages_there, jsonb_build_object(
      'members', p.month ->> 3, 'totalReferrals', p.month ->> 4,
      'creator', coalesce(p.creator, '[]'), 'referrers', coalesce(p.referrers, '[]')) as totals
  from (${SEALS(scope)}) s
  cross join lateral (
    select count(*) as lines, count(distinct page) as pages_there,
      encode(sha256(convert_to(coalesce(string_agg(canonical || E'\n', '' order by canonical), ''),
        'UTF8')), 'hex') as digest,
      (jsonb_agg(line) filter (where line ->> 0 = 'month')) -> 0 as month,
      jsonb_agg(line - 0 order by ((line ->> 1) || ' ' || (line ->> 2)) collate "C")
        filter (where line ->> 0 = 'creator') as creator,
      (select jsonb_agg(jsonb_build_array(origin, currency, a::text, b::text, c::text, d::text)
          order by (origin || ' ' || currency) collate "C")
        from (
          select r.line ->> 1 as origin, r.line ->> 3 as currency,
            sum((r.line ->> 4)::bigint) as a, sum((r.line ->> 5)::bigint) as b,
            sum((r.line ->> 6)::bigint) as c, sum((r.line ->> 7)::bigint) as d
          from ${staged(snapshotLinesStage)} r
          where r.snapshot = s.snapshot and r.page < s.pages and r.line ->> 0 = 'referrer'
          group by 1, 2) x) as referrers
    from (select l.*, ${sql.raw(CANONICAL)} as canonical from ${staged(snapshotLinesStage)} l
      where l.snapshot = s.snapshot and l.page < s.pages) of_it) p`;

export const snapshotsAsSealed = checkOf({
  name: 'snapshots-as-sealed',
  why: 'Every sealed snapshot is what its pages in the log say: their number, their lines, the digest recomputed from them, and the totals.',
  stages: [snapshotLinesStage],
  violations: (scope) =>
    contradiction({
      key: {
        creatorId: 'p.creator_id',
        month: `p.data ->> 'month'`,
        version: `p.data ->> 'version'`,
      },
      creator: 'p.creator_id',
      expected: {
        pages: 'p.pages_there',
        lines: 'p.lines',
        digest: 'p.digest',
        totals: 'p.totals',
      },
      actual: {
        pages: 'p.pages',
        lines: `p.data ->> 'lines'`,
        digest: `p.data ->> 'digest'`,
        totals: `p.data -> 'totals'`,
      },
      from: sql`from (${PROVEN(scope)}) p
        where p.pages_there <> p.pages or p.lines::text <> p.data ->> 'lines'
          or p.digest <> p.data ->> 'digest' or p.totals <> p.data -> 'totals'`,
    }),
});

const columnsFrom = (names: readonly string[], first: number): string =>
  names.map((name, n) => `(line ->> ${first + n})::bigint as ${name}`).join(', ');

const SEALED = [
  'snapshot',
  'position',
  'digest',
  'pages',
  'lines',
  'sealed_at',
  'from_at',
  'to_at',
];

/** The tables of snapshots, as `table-…` checks compare them with the log. */
export const snapshotRecomputations: readonly Recomputation[] = [
  {
    table: 'snapshots',
    what: 'every seal',
    key: ['creator_id', 'month', 'version'],
    values: [...SEALED, 'time_zone', 'tz_version', 'totals', 'forced', 'reason', 'replaces'],
    optional: ['reason', 'replaces'],
    stages: [],
    expected: (scope) => sql`
      select distinct on (1, 2, 3) creator_id, (data ->> 'month') collate "C" as month,
        (data ->> 'version')::bigint as version, snapshot collate "C" as snapshot,
        (data ->> 'position')::bigint as position, data ->> 'digest' as digest, pages,
        (data ->> 'lines')::bigint as lines, extract(epoch from effective_at)::bigint as sealed_at,
        (data ->> 'from')::bigint as from_at, (data ->> 'to')::bigint as to_at,
        data ->> 'timeZone' as time_zone, data ->> 'tzVersion' as tz_version,
        ${sql.raw(canonicalObject(`data -> 'totals'`))} as totals,
        type = 'MonthClosed' and coalesce((data ->> 'forced')::boolean, false) as forced,
        data ->> 'reason' as reason,
        case type when 'MonthRestated' then data ->> 'replaces' end as replaces
      from (${SEALS(scope)}) s order by 1, 2, 3, revision desc`,
  },
  {
    table: 'snapshot_members',
    what: 'how each member stood, as the pages say',
    key: ['snapshot', 'member_id'],
    values: ['total_referrals', 'reached_at', 'tier', 'pinned', 'rank'],
    stages: [snapshotLinesStage],
    expected: () => sql`
      select ${sql.raw(ownerOf('snapshot'))} as creator_id, snapshot,
        (line ->> 1) collate "C" as member_id, (line ->> 2)::bigint as total_referrals,
        coalesce(nullif(line ->> 3, ''), '0')::bigint as reached_at,
        (line ->> 4) collate "C" as tier, line ->> 5 = 'pinned' as pinned,
        coalesce(nullif(line ->> 6, ''), '0')::bigint as rank
      from ${staged(snapshotLinesStage)} where line ->> 0 = 'member'`,
    actual: (scope) => sql`(
      select ${sql.raw(ownerOf('t.snapshot'))} as creator_id, t.*
      from ${readModel(scope, 'snapshot_members')} t)`,
  },
  {
    table: 'snapshot_creators',
    what: 'the figures of the creator, as the pages say',
    key: ['creator_id', 'origin', 'snapshot', 'currency'],
    values: Object.keys(CREATOR_SUMS),
    stages: [snapshotLinesStage],
    expected: () => sql`
      select ${sql.raw(ownerOf('snapshot'))} as creator_id, snapshot,
        (line ->> 1) collate "C" as origin, (line ->> 2) collate "C" as currency,
        ${sql.raw(columnsFrom(Object.keys(CREATOR_SUMS), 3))}
      from ${staged(snapshotLinesStage)} where line ->> 0 = 'creator'`,
  },
  {
    table: 'snapshot_referrers',
    what: 'the figures of each referrer, as the pages say',
    key: ['creator_id', 'origin', 'snapshot', 'member_id', 'currency'],
    values: Object.keys(REFERRED_SUMS),
    stages: [snapshotLinesStage],
    expected: () => sql`
      select ${sql.raw(ownerOf('snapshot'))} as creator_id, snapshot,
        (line ->> 1) collate "C" as origin, (line ->> 2) collate "C" as member_id,
        (line ->> 3) collate "C" as currency,
        ${sql.raw(columnsFrom(Object.keys(REFERRED_SUMS), 4))}
      from ${staged(snapshotLinesStage)} where line ->> 0 = 'referrer'`,
  },
];
