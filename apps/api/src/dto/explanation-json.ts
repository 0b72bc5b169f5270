/** Explanations as they are answered: counts and amounts as integers, instants as ISO 8601. */
import type {
  Counted,
  ExplainedEvent,
  Explanation,
  FigureValue,
  NotCounted,
  SetBy,
} from '#libs/application';
import type {
  CountedDto,
  ExplainedEventDto,
  ExplainedFactDto,
  ExplanationDto,
  NotCountedDto,
  SetByDto,
} from './explain.js';
import { explainCursor } from './explain-query.js';
import { framed, instantOrNull, instantToJson } from './figures.js';
import { safeNumber } from './numbers.js';

const valueJson = (value: FigureValue): number | string | null =>
  typeof value === 'bigint' ? safeNumber(value) : value;

const eventJson = (event: ExplainedEvent): ExplainedEventDto => ({
  position: safeNumber(event.position),
  eventId: event.eventId,
  type: event.type,
  stream: event.stream,
  recordedAt: new Date(event.recordedAt).toISOString(),
  contribution: safeNumber(event.contribution),
});

const countedJson = (one: Counted): CountedDto => ({
  ...factJson(one),
  at: instantToJson(one.at),
  day: one.day,
  contribution: safeNumber(one.contribution),
});

const notCountedJson = (one: NotCounted): NotCountedDto => ({
  ...factJson(one),
  at: instantOrNull(one.at),
  day: one.day,
  code: one.code,
});

const factJson = (one: Counted | NotCounted): ExplainedFactDto => ({
  kind: one.kind,
  sourceId: one.sourceId,
  paymentId: one.paymentId,
  member: one.member,
  referrerId: one.referrerId,
  currency: one.currency,
  why: one.why,
  events: one.events.map(eventJson),
});

const setByJson = ({ position, eventId, type, effectiveAt }: SetBy): SetByDto => ({
  position: safeNumber(position),
  eventId,
  type,
  effectiveAt: instantToJson(effectiveAt),
});

export const explanationJson = (creatorId: string, found: Explanation): ExplanationDto => ({
  figure: found.figure,
  unit: found.unit,
  subject: { creatorId, ...found.subject },
  month: found.month,
  day: found.day,
  throughDay: found.throughDay,
  currency: found.currency === '' ? null : found.currency,
  state: found.state,
  origin: found.origin,
  source: found.sourceId,
  total: valueJson(found.total),
  sum: safeNumber(found.sum),
  readModel: valueJson(found.readModel),
  agrees: found.agrees,
  rule: { says: found.says, section: found.section },
  counted: found.counted.map(countedJson),
  countedFacts: found.countedFacts,
  notCounted: found.notCounted.map(notCountedJson),
  notCountedBy: [...found.notCountedBy],
  ...standingJson(found),
  nextCursor: found.next === undefined ? null : explainCursor(found.next),
  ...framed(found),
});

function standingJson({
  tier,
  rank,
  seal,
}: Explanation): Pick<ExplanationDto, 'tier' | 'rank' | 'seal'> {
  return {
    ...(tier && {
      tier: {
        tiers: [...tier.tiers],
        setBy: tier.setBy && setByJson(tier.setBy),
        pin: tier.pin && {
          tier: tier.pin.tier,
          reason: tier.pin.reason,
          ...setByJson(tier.pin.setBy),
        },
      },
    }),
    ...(rank && {
      rank: {
        ranked: rank.ranked,
        around: rank.around.map((one) => ({
          ...one,
          totalReferrals: safeNumber(one.totalReferrals),
          reachedAt: instantOrNull(one.reachedAt),
        })),
      },
    }),
    ...(seal && {
      seal: {
        ...setByJson(seal),
        version: seal.version,
        digest: seal.digest,
        snapshot: seal.snapshot,
        throughPosition: safeNumber(seal.throughPosition),
        stated: valueJson(seal.stated),
      },
    }),
  };
}
