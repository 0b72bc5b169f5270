/** The tables of snapshots, straight from their pages and seals. */
import { CREATOR_FIGURES, REFERRER_FIGURES } from '#libs/ledger';
import { snake } from '#libs/projector';

const LINES_OF_PAGES = `
  from events e cross join lateral jsonb_array_elements(e.data -> 'lines') as l(line)
  where e.type = 'SnapshotPage' and l.line ->> 0 =`;
const text = (n: number): string => `(l.line ->> ${n}) collate "C"`;
const figures = (names: readonly string[], from: number): string =>
  names.map((name, n) => `(l.line ->> ${from + n})::bigint as ${snake(name)}`).join(', ');
const CREATOR = `(regexp_match(e.stream, '^snapshot-(.+)_\\d{4}-\\d\\d_v\\d+_[0-9a-f]+$'))[1] collate "C" as creator_id`;
const number = (field: string): string => `(data ->> '${field}')::bigint`;
const word = (field: string): string => `(data ->> '${field}') collate "C"`;

export const SNAPSHOT_QUERIES: Readonly<Record<string, () => string>> = {
  snapshots: () => `
    select substr(stream, 8) collate "C" as creator_id, ${word('month')} as month,
      ${number('version')} as version, ${word('snapshot')} as snapshot, ${number('position')} as position,
      ${word('digest')} as digest, ${number('pages')} as pages, ${number('lines')} as lines,
      extract(epoch from effective_at)::bigint as sealed_at, ${number('from')} as from_at,
      ${number('to')} as to_at, ${word('timeZone')} as time_zone, ${word('tzVersion')} as tz_version,
      (select '{' || string_agg(to_json(m.key)::text || ':' || replace(m.value::text, ' ', ''), ','
        order by m.key collate "C") || '}' from jsonb_each(data -> 'totals') m) collate "C" as totals,
      coalesce((data ->> 'forced')::boolean, false) as forced, ${word('reason')} as reason,
      ${word('replaces')} as replaces
    from events where type in ('MonthClosed', 'MonthRestated')`,
  snapshot_members: () => `
    select e.stream collate "C" as snapshot, ${text(1)} as member_id,
      (l.line ->> 2)::bigint as total_referrals,
      coalesce(nullif(l.line ->> 3, ''), '0')::bigint as reached_at, ${text(4)} as tier,
      l.line ->> 5 = 'pinned' as pinned, coalesce(nullif(l.line ->> 6, ''), '0')::bigint as rank
    ${LINES_OF_PAGES} 'member'`,
  snapshot_referrers: () => `
    select ${CREATOR}, ${text(1)} as origin, e.stream collate "C" as snapshot, ${text(2)} as member_id,
      ${text(3)} as currency, ${figures(REFERRER_FIGURES, 4)}
    ${LINES_OF_PAGES} 'referrer'`,
  snapshot_creators: () => `
    select ${CREATOR}, ${text(1)} as origin, e.stream collate "C" as snapshot, ${text(2)} as currency,
      ${figures(CREATOR_FIGURES, 3)}
    ${LINES_OF_PAGES} 'creator'`,
};
