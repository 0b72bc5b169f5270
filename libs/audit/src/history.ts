/**
 * The history of a figure: every change of it with its old and its new value and the event that made
 * it, from the log alone. What is set anew (a referrer, a pin, rates) is followed through the one
 * stream that sets it (history-values.ts); what adds up is summed over the lines that the log has
 * about it, wherever those lie (history-sums.ts).
 */
import { DomainError, memberStream } from '#libs/ledger';
import {
  CREATOR_FIELDS,
  type Figure,
  type FoundHistory,
  type History,
  type HistoryAsked,
  type HistoryChange,
  type HistoryParts,
  MEMBER_FIELDS,
} from './figure.js';
import { historyOfSum, isSum } from './history-sums.js';
import { changesOfValue } from './history-values.js';

/** Throws `field_unknown`, `month_required`, `member_not_found`. */
export async function historyOf(
  parts: HistoryParts,
  figure: Figure,
  asked: HistoryAsked,
): Promise<History> {
  checkField(figure);
  await checkMember(parts, figure);
  const found = await foundHistory(parts, figure, asked);
  const items: HistoryChange[] = [];
  for (const item of found.items)
    items.push({ ...item, cause: await parts.browser.causeOf(item.event.recorded) });
  return { ...found, items };
}

async function foundHistory(
  parts: HistoryParts,
  figure: Figure,
  asked: HistoryAsked,
): Promise<FoundHistory> {
  const asOf = await parts.browser.head();
  if (isSum(figure.field)) return historyOfSum(parts, figure, asOf, asked);
  const changes = (await changesOfValue(parts, figure)).filter(
    ({ event }) => event.recorded.position <= asOf.position,
  );
  const value = changes.at(-1)?.new ?? null;
  if (asked.order === 'newest') changes.reverse();
  const { cursor, limit, order } = asked;
  const left = changes.filter(({ event: { recorded } }) =>
    cursor === undefined
      ? true
      : order === 'newest'
        ? recorded.position < cursor
        : recorded.position > cursor,
  );
  const items = left.slice(0, limit);
  const next = left.length > limit ? items.at(-1)?.event.recorded.position : undefined;
  return { asOf, value, items, next };
}

function checkField({ memberId, field, month }: Figure): void {
  const fields: readonly string[] = memberId === undefined ? CREATOR_FIELDS : MEMBER_FIELDS;
  if (!fields.includes(field)) {
    const whose = memberId === undefined ? 'creator' : 'member';
    throw new DomainError('field_unknown', `a ${whose} has no ${field}: ${fields.join(', ')}`);
  }
  const ofCreator = memberId === undefined && isSum(field);
  if (month === undefined && (ofCreator || field === 'monthlyReferrals'))
    throw new DomainError('month_required', `${field} is of one month: name it`);
}

async function checkMember({ store }: HistoryParts, figure: Figure): Promise<void> {
  const { creatorId, memberId } = figure;
  if (memberId === undefined) return;
  const stream = memberStream(creatorId, memberId);
  if (!(await store.readStreams([stream])).has(stream))
    throw new DomainError('member_not_found', `no member ${memberId} is known`);
}
