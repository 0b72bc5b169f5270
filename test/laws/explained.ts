/** Explanations of a ledger on a test database, whole, and the same figures added up by other means. */
import {
  type Counted,
  decodeEvent,
  type ExplainAsked,
  type Explanation,
  explain,
  figureRule,
  ReadSide,
} from '#libs/application';
import type { Database } from '#libs/database';
import { frozenClock, type Line, linesOf } from '#libs/ledger';
import { TEST_VAULT, type TestLedger } from '#libs/testing';

export const readsAt = (db: Database, schema: string, now: number): ReadSide =>
  new ReadSide({
    db,
    watch: { pointer: async () => schema },
    clock: frozenClock(now * 1000),
    vault: TEST_VAULT,
  });

export type Asked = Omit<ExplainAsked, 'limit' | 'after'>;

/** All pages as one; `limit` facts at a time. */
export async function explained(
  reads: ReadSide,
  asked: Asked,
  limit = 500,
): Promise<Explanation & { readonly counted: readonly Counted[] }> {
  const first = await explain(reads, { ...asked, limit });
  const counted = [...first.counted];
  for (let { next } = first; next !== undefined; ) {
    const page = await explain(reads, { ...asked, limit, after: next });
    if (page.total !== first.total || page.sum !== first.sum) throw new Error('pages differ');
    counted.push(...page.counted);
    next = page.next;
  }
  return { ...first, counted, next: undefined };
}

/** A line of the log and where it stands. */
export type PlacedLine = Line & { readonly position: bigint };

export async function placedLines(ledger: TestLedger): Promise<PlacedLine[]> {
  return (await ledger.events())
    .map(decodeEvent)
    .flatMap((event) => linesOf(event).map((line) => ({ ...line, position: event.position })));
}

const AMOUNT = {
  count: 'count',
  sale_minor: 'saleMinor',
  member_minor: 'memberMinor',
  creator_minor: 'creatorMinor',
  platform_minor: 'platformMinor',
} as const;

/**
 * The figure of a month as the lines of the log add up to it, in this process and not in SQL;
 * without the lines of one fact, if one is named.
 */
export function addedUp(
  lines: readonly PlacedLine[],
  asked: Asked & { readonly month: string },
  without?: Counted,
): bigint {
  const { creatorId, memberId, month, currency, figure } = asked;
  const rule = figureRule(memberId === undefined ? 'creator' : 'member', figure, undefined);
  let sum = 0n;
  for (const line of lines) {
    if (line.creatorId !== creatorId) continue;
    if (memberId !== undefined && line.referrerId !== memberId) continue;
    if (rule.time === 'through' ? line.month > month : line.month !== month) continue;
    if (currency !== undefined && (line.currency ?? '') !== currency) continue;
    if (without !== undefined && isOf(line, without)) continue;
    for (const { kind, amount, minus, first, referred } of rule.adds) {
      if (line.kind !== kind || (first !== undefined && line.first !== first)) continue;
      if (referred !== undefined && (line.referrerId !== null) !== referred) continue;
      sum += minus ? -line[AMOUNT[amount]] : line[AMOUNT[amount]];
    }
  }
  return sum;
}

const isOf = (line: PlacedLine, { kind, sourceId, paymentId, member, events }: Counted): boolean =>
  line.kind === kind &&
  line.sourceId === sourceId &&
  line.paymentId === (paymentId ?? '') &&
  line.memberId === member.memberId &&
  events.some(({ position }) => position === line.position);
