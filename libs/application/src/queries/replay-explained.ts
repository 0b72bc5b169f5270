/**
 * Where a row that differs is explained: a path of the API that says from the log what the row should
 * hold. A figure leads to the events that count in it; what is no figure, to the events themselves.
 */
import { creatorStream, memberStream, monthsStream } from '#libs/ledger';
import type { DifferenceRow } from '#libs/projector';

type Row = Pick<DifferenceRow, 'table' | 'key' | 'columns'>;
type Query = Readonly<Record<string, string | undefined>>;

/** Undefined: a table that nobody has said it of. */
export function explainPathOf(row: Row): string | undefined {
  return PATHS[row.table]?.(row.key, row.columns);
}

const PATHS: Readonly<
  Record<string, (key: Row['key'], columns: readonly string[]) => string | undefined>
> = {
  lines: ({ position }) => `/api/audit/events/${position}`,
  creators: ({ creatorId = '' }) => streamPath(creatorStream(creatorId)),
  creator_settings: ({ creatorId = '' }) => streamPath(creatorStream(creatorId)),
  members: ({ creatorId = '', memberId = '' }) => streamPath(memberStream(creatorId, memberId)),
  snapshots: ({ creatorId = '' }) => streamPath(monthsStream(creatorId)),
  tier_pins: ({ creatorId, memberId }) => figurePath(creatorId, memberId, { figure: 'tier' }),
  rankings: ({ creatorId, memberId }, columns) =>
    figurePath(creatorId, memberId, {
      figure: columns.includes('totalReferrals') ? 'totalReferrals' : 'rank',
    }),
  referrals: ({ creatorId, kind, referrerId, day = '' }) => {
    const month = day.slice(0, 7);
    if (referrerId === '') return figurePath(creatorId, undefined, { figure: 'members', month });
    const figure = kind === 'signUp' ? 'signUps' : 'referrals';
    return figurePath(creatorId, referrerId, { figure, month });
  },
  member_months: ({ creatorId, memberId, month, currency }, columns) =>
    figurePath(creatorId, memberId, { ...figureIn(columns, currency), month }),
  member_days: ({ creatorId, memberId, day, currency }, columns) =>
    figurePath(creatorId, memberId, { ...figureIn(columns, currency), day }),
  creator_months: ({ creatorId, month, currency }, columns) =>
    figurePath(creatorId, undefined, { ...figureIn(columns, currency), month }),
  // Figures of a creator are explained by month.
  creator_days: ({ creatorId, day = '', currency }, columns) =>
    figurePath(creatorId, undefined, { ...figureIn(columns, currency), month: day.slice(0, 7) }),
  snapshot_members: ({ snapshot = '', memberId }) => {
    const sealed = sealedIn(snapshot);
    return sealed && figurePath(sealed.creatorId, memberId, { figure: 'rank', ...sealed.query });
  },
  snapshot_referrers: ({ snapshot = '', memberId, origin, currency }, columns) => {
    const sealed = sealedIn(snapshot);
    const figure = figureIn(columns, currency);
    return sealed && figurePath(sealed.creatorId, memberId, { ...figure, ...sealed.query, origin });
  },
  snapshot_creators: ({ snapshot = '', origin, currency }, columns) => {
    const sealed = sealedIn(snapshot);
    const figure = figureIn(columns, currency);
    return (
      sealed && figurePath(sealed.creatorId, undefined, { ...figure, ...sealed.query, origin })
    );
  },
};

/** Columns of sums are called as the figures that they hold; counts go without a currency. */
function figureIn(columns: readonly string[], currency: string | undefined): Query {
  const figure = columns[0] ?? '';
  return { figure, currency: /(Minor|Payments)$/.test(figure) ? currency : undefined };
}

/** What the name of a snapshot's stream says: snapshot-<creator>_<month>_v<n>_<mark>. */
function sealedIn(snapshot: string): { creatorId: string; query: Query } | undefined {
  const [, creatorId, month, version] =
    /^snapshot-(.+)_(\d{4}-\d\d)_v(\d+)_[0-9a-f]+$/.exec(snapshot) ?? [];
  if (creatorId === undefined) return undefined;
  return { creatorId, query: { month, state: 'closed', version } };
}

export const streamPath = (stream: string): string =>
  `/api/audit/streams/${encodeURIComponent(stream)}`;

export function figurePath(creatorId = '', memberId: string | undefined, query: Query): string {
  const member = memberId === undefined ? '' : `/members/${encodeURIComponent(memberId)}`;
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) asked.set(name, value);
  return `/api/creators/${encodeURIComponent(creatorId)}${member}/explain?${asked}`;
}
