/**
 * Why is this 3? The events that count, each with what it adds, their sum, what was not counted and
 * why, and whether the read model says the same (product.md, "explain this number").
 *
 * The source is the log. Its lines are expanded by the database, independently of the projections,
 * and folded by fact; the read model's side is answered by the very queries of the endpoints; both
 * see one snapshot of the database, so that a difference is one and not a race.
 */
import {
  type AsideGroup,
  type GroupEvent,
  type LineGroup,
  readGroups,
  streamsClaiming,
} from '#libs/checks';
import type { LineKind } from '#libs/ledger';
import { profilesOf } from '#projections';
import { type Named, named } from '../framed.js';
import type { FixedReads, NameOf, ReadSide } from '../read-side.js';
import { type AskedCell, askedCell } from './asked-cell.js';
import { claimsLost } from './claims.js';
import type {
  Counted,
  ExplainAsked,
  ExplainedEvent,
  Explanation,
  FigureValue,
  NotCounted,
} from './explanation.js';
import { readModelValue } from './read-model-value.js';
import { sealExplained } from './sealed-value.js';
import { whyCounted, whyNot } from './sentences.js';
import { rankExplained, tierExplained, tierNow } from './standing.js';

/** Facts that are listed on a page, at most; likewise those that do not count. */
export const MAX_EXPLAINED = 500;

/** A figure of a member or a creator, explained. Throws as `askedCell` does. */
export function explain(reads: ReadSide, asked: ExplainAsked): Promise<Explanation> {
  return reads.atOnePosition(async (fixed) => {
    const about = await askedCell(fixed, asked);
    const { cell, reading, period } = about;
    const { creatorId, memberId, rule, limit } = cell;
    const isFirstPage = asked.after === undefined;
    const grouped = await readGroups(fixed.db, {
      creatorId,
      lines: about.lines,
      adds: rule.adds,
      period: about.time,
      currency: cell.currency,
      sourceId: rule.time === 'source' ? asked.sourceId : undefined,
      spans: about.spans,
      besides: isFirstPage ? rule.besides : [],
      limit,
      after: asked.after,
      claiming:
        isFirstPage && rule.tellsClaims && memberId !== undefined && cell.state === 'known'
          ? streamsClaiming(reading, memberId)
          : undefined,
    });
    const lost =
      memberId === undefined
        ? []
        : await claimsLost(fixed, creatorId, memberId, grouped.claimants.streams);
    const seal = about.version && (await sealExplained(fixed, about, about.version));
    const rank = rule.unit === 'rank' ? await rankExplained(fixed, about, seal) : undefined;
    const total = totalOf(about, grouped.total, { seal, rank: rank?.rank });
    const readModel = await readModelValue(fixed.reads, cell, total);
    const nameOf = fixed.reads.nameIn(creatorId);
    const counted = grouped.page.map((group) => countedOf(group, about, nameOf));
    const last = grouped.page.at(-1);
    return {
      asOf: fixed.asOf,
      period,
      figure: cell.figure,
      unit: rule.unit,
      says: rule.says,
      section: rule.section,
      subject: await subjectOf(fixed, creatorId, memberId),
      month: rule.time === 'source' ? null : period.month,
      day: asked.day ?? null,
      throughDay: asked.throughDay ?? null,
      currency: cell.currency ?? null,
      state: cell.state ?? 'known',
      origin: asked.origin ?? null,
      sourceId: asked.sourceId ?? null,
      total,
      sum: grouped.total,
      readModel,
      agrees: total === readModel && (seal === undefined || seal.stated === total),
      counted,
      countedFacts: grouped.counted,
      next: grouped.hasMore && last !== undefined ? last : undefined,
      notCounted: isFirstPage
        ? [...grouped.aside.map((group) => asideOf(group, about, nameOf)), ...lost].slice(0, limit)
        : [],
      notCountedBy: isFirstPage
        ? [
            ...grouped.asideBy.map(({ code, groups }) => ({ code, facts: groups })),
            ...(grouped.claimants.count === 0
              ? []
              : [{ code: 'claim_lost' as const, facts: grouped.claimants.count }]),
          ]
        : [],
      ...(rule.unit === 'tier' && { tier: tierExplained(about) }),
      ...(rank && { rank: rank.explained }),
      ...(seal && { seal }),
    };
  });
}

interface Standing {
  readonly seal: { readonly stated: FigureValue } | undefined;
  readonly rank: number | null | undefined;
}

/** By the log: what is stated of a tier or a rank, it is stated; everything else adds up. */
function totalOf(about: AskedCell, sum: bigint, { seal, rank }: Standing): FigureValue {
  const { unit } = about.cell.rule;
  if (unit === 'count' || unit === 'money') return sum;
  if (seal !== undefined) return seal.stated;
  return unit === 'tier' ? tierNow(about, sum) : (rank ?? null);
}

async function subjectOf(
  { db, reads }: FixedReads,
  creatorId: string,
  memberId: string | undefined,
): Promise<Explanation['subject']> {
  if (memberId === undefined) return { creatorId };
  const names = await profilesOf({ db }, { creatorId, memberIds: [memberId] });
  return named({ member_id: memberId, name: names.get(memberId) ?? null }, reads.nameIn(creatorId));
}

const memberOf = ({ memberId, name }: LineGroup, nameOf: NameOf): Named =>
  named({ member_id: memberId, name }, nameOf);

function countedOf(group: LineGroup, { cell }: AskedCell, nameOf: NameOf): Counted {
  const member = memberOf(group, nameOf);
  return {
    ...factOf(group, member),
    kind: group.kind,
    at: group.at,
    day: group.day,
    contribution: group.adds,
    why: whyCounted(group, member.name, cell.rule),
  };
}

function asideOf(group: AsideGroup, { cell, coverage }: AskedCell, nameOf: NameOf): NotCounted {
  const { month, currency } = cell;
  const member = memberOf(group, nameOf);
  return {
    ...factOf(group, member),
    kind: group.kind,
    at: group.at,
    day: group.day,
    code: group.code,
    why: whyNot(group, member.name, {
      month: cell.origin ?? month,
      throughDay: cell.throughDay,
      currency,
      coverage,
    }),
  };
}

const factOf = (group: LineGroup, member: Named) => ({
  sourceId: group.sourceId,
  paymentId: paymentOf(group),
  member,
  referrerId: group.referrerId,
  currency: group.currency,
  events: group.events.map(eventOf),
});

const paymentOf = ({ kind, paymentId }: { kind: LineKind; paymentId: string }): string | null =>
  kind === 'signUp' ? null : paymentId;

const eventOf = (event: GroupEvent): ExplainedEvent => ({
  position: event.position,
  eventId: event.eventId,
  type: event.type,
  stream: event.stream,
  recordedAt: event.recordedAt,
  contribution: event.adds,
});
