/** Why a fact counts or does not, in a sentence for people. */
import type { AsideGroup, LineGroup } from '#libs/checks';
import type { Coverage } from '#libs/ledger';
import type { FigureRule } from './figures.js';

/** Why it counts: what happened, and what of it is counted. */
export function whyCounted(group: LineGroup, who: string, rule: FigureRule): string {
  const together =
    group.events.length === 1 ? '' : `; as ${group.events.length} events say together`;
  return `${happened(group, who, rule)}${together}`;
}

function happened(
  { kind, sourceId, paymentId, day, first, adds }: LineGroup,
  who: string,
  { adds: terms, unit }: FigureRule,
): string {
  switch (kind) {
    case 'conversion':
      return `${who} made the first payment above zero, ${sourceId}, on ${day}`;
    case 'signUp':
      return `${who} signed up on ${day}, as ${sourceId} says`;
    case 'reversedConversion':
      return `the first payment of ${who}, ${paymentId}, was brought to zero by ${sourceId} on ${day}`;
    case 'reversal': {
      const minus = terms.some((term) => term.kind === kind && term.minus) && adds < 0n;
      const share = shareOf(terms.find((term) => term.kind === kind)?.amount);
      return `${sourceId} took back ${share} of ${paymentId}, which ${who} had paid, on ${day}${minus ? ': taken off' : ''}`;
    }
    case 'sale': {
      const nth = first ? 'the first payment' : 'a later payment';
      const amount = terms.find((term) => term.kind === kind)?.amount;
      if (unit === 'count') return `${who} made ${nth}, ${sourceId}, on ${day}`;
      return `${who} made ${nth}, ${sourceId}, on ${day}: ${shareOf(amount)}`;
    }
  }
}

function shareOf(amount: string | undefined): string {
  switch (amount) {
    case 'member_minor':
      return 'the member share';
    case 'creator_minor':
      return 'the creator share';
    case 'platform_minor':
      return 'the platform share';
    default:
      return 'the sale';
  }
}

interface Around {
  readonly month: string;
  /** The last of the days that are asked for. */
  readonly throughDay?: string | undefined;
  readonly currency: string | undefined;
  readonly coverage: Coverage;
}

/** Why it does not count. */
export function whyNot(
  group: AsideGroup,
  who: string,
  { month, throughDay, currency, coverage }: Around,
): string {
  const { code, kind, sourceId, paymentId, day, events, first } = group;
  const last = events.at(-1);
  const how = last === undefined ? '' : ` (event ${last.position})`;
  switch (code) {
    case 'not_paid':
      return `${who} signed up on ${day} and has not paid anything above zero`;
    case 'zero_amount':
      return `${who} has only paid amounts of zero: a sign of life, no payment`;
    case 'recurring':
      return `${sourceId} of ${who} on ${day} is not a first payment: it earns and does not count`;
    case 'first_payment':
      return `${sourceId} of ${who} on ${day} is a first payment`;
    case 'organic':
      return kind === 'signUp'
        ? `${who} was referred by nobody`
        : `${sourceId} of ${who} on ${day} is organic: nobody referred them`;
    case 'referred':
      return `${sourceId} of ${who} on ${day} was referred`;
    case 'reversal_cancelled':
      return `${sourceId} of ${paymentId} on ${day} was cancelled: it took nothing back in the end${how}`;
    case 'taken_back':
      return `${sourceId} of ${who} on ${day} was counted and taken back${because(last?.because)}${how}`;
    case 'nothing_to_count':
      return `${sourceId} of ${who} on ${day} adds nothing: ${first ? 'its' : 'the'} share is zero`;
    case 'another_currency':
      return `${sourceId} of ${who} on ${day} is in ${group.currency ?? 'no currency'}, not in ${currency === undefined || currency === '' ? 'none' : currency}`;
    case 'another_time':
      if (throughDay !== undefined && day.startsWith(month))
        return `${sourceId} of ${who} is of ${day}: after the days up to ${throughDay}`;
      return `${sourceId} of ${who} is of ${day}: it counts in ${day.slice(0, 7)}`;
    case 'after_the_close':
      return `${sourceId} of ${who} on ${day} became known after the close: it is ${pendingOrCarried(group, month, coverage)}`;
    case 'stated_elsewhere':
      return `${sourceId} of ${who} on ${day} is stated by another version or close`;
  }
}

function because(reason: string | null | undefined): string {
  if (reason === undefined || reason === null) return '';
  if (reason === 'referrer') return ', because an admin corrected the referrer';
  if (reason === 'settings') return ', because settings changed';
  return reason.includes(':') ? ', because a claim was resolved' : `, because of ${reason}`;
}

function pendingOrCarried({ events }: AsideGroup, month: string, coverage: Coverage): string {
  const last = events.at(-1)?.position ?? 0n;
  return last > coverage.statedThrough(month) ? 'pending' : 'stated since';
}
