/**
 * Where a row that contradicts a check is explained: a path of the API. Of a read model it is where
 * a replay's difference leads; of other checks it follows from what the row is named by.
 */
import { checks, type Violation } from '#libs/checks';
import { creatorStream, memberStream } from '#libs/ledger';
import { explainable } from './explain/figures.js';
import { explainPathOf, figurePath, streamPath } from './replay-explained.js';

type Row = Pick<Violation, 'key' | 'expected' | 'actual'>;

const tables = new Map(checks.flatMap(({ name, table }) => (table ? [[name, table]] : [])));

/** Undefined: nothing explains such a row. */
export function violationPathOf(check: string, row: Row): string | undefined {
  const table = tables.get(check);
  const fields = differing(row);
  if (table !== undefined) return explainPathOf({ table, key: row.key, columns: fields });
  return placeOf(row.key) ?? subjectPath(row.key, fields);
}

/** Fields of which the two sides say something else; where one is absent, all of the other. */
function differing({ expected, actual }: Row): string[] {
  const all = Object.keys(expected ?? actual ?? {});
  const [first] = all;
  const differ = all.filter((field) => isOther(expected?.[field], actual?.[field]));
  return differ.length === 0 && first !== undefined ? [first] : differ;
}

/** A sum of zero is no sum. */
const isOther = (one: string | null | undefined, other: string | null | undefined): boolean =>
  (one ?? '0') !== (other ?? '0');

/** A delivery, an event or a stream that the row names. */
function placeOf({ delivery, position, stream }: Row['key']): string | undefined {
  if (delivery !== undefined)
    return /^\d+$/.test(delivery) ? `/api/admin/deliveries/${delivery}` : undefined;
  if (position !== undefined) return `/api/audit/events/${position}`;
  return stream === undefined ? undefined : streamPath(stream);
}

/** Of what is no sum of a month, but of all months: what they are explained as. */
const IN_ALL: Readonly<Record<string, string>> = {
  referrals: 'totalReferrals',
  earningsMinor: 'totalEarningsMinor',
};

/** The figure of a member or creator; of what is no figure, their events. */
function subjectPath(key: Row['key'], [field = '']: readonly string[]): string | undefined {
  const { creatorId, memberId, month, day, currency } = key;
  if (creatorId === undefined) return undefined;
  const ofMonth = month ?? day?.slice(0, 7);
  const figure = ofMonth === undefined ? (IN_ALL[field] ?? field) : field;
  const subject = memberId === undefined ? 'creator' : 'member';
  const rule = explainable(subject, false).find((one) => one.figure === figure);
  if (rule === undefined)
    return streamPath(
      memberId === undefined ? creatorStream(creatorId) : memberStream(creatorId, memberId),
    );
  const inCurrency = rule.inCurrency || figure.endsWith('Payments') ? currency : undefined;
  return figurePath(creatorId, memberId, { figure, month: ofMonth, currency: inCurrency });
}
