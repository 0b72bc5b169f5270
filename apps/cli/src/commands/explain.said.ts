/** An explanation as people read it: the number, what makes it, what does not, and whether both sides agree. */
import { count, instant, money, monthName } from '../format.js';

type Value = number | string | null;

interface Fact {
  readonly why: string;
  readonly at: string | null;
  readonly currency: string | null;
  readonly events: readonly { readonly position: number; readonly type: string }[];
}

/** The answer of `GET …/explain`, as far as it is printed. */
export interface Explained {
  readonly figure: string;
  readonly unit: 'count' | 'money' | 'tier' | 'rank';
  readonly subject: { readonly creatorId: string; readonly name?: string };
  readonly month: string | null;
  readonly day: string | null;
  readonly throughDay?: string | null;
  readonly currency: string | null;
  readonly state: 'known' | 'closed' | 'pending';
  readonly source: string | null;
  readonly total: Value;
  readonly sum: number;
  readonly readModel: Value;
  readonly agrees: boolean;
  readonly rule: { readonly says: string; readonly section: string };
  readonly counted: readonly (Fact & { readonly contribution: number })[];
  readonly countedFacts: number;
  readonly notCounted: readonly (Fact & { readonly code: string })[];
  readonly notCountedBy: readonly { readonly code: string; readonly facts: number }[];
  readonly tier?: {
    readonly tiers: readonly { readonly name: string; readonly from: number }[];
    readonly setBy: { readonly position: number } | null;
    readonly pin: {
      readonly tier: string;
      readonly reason: string;
      readonly position: number;
    } | null;
  };
  readonly rank?: {
    readonly around: readonly {
      readonly rank: number;
      readonly name: string;
      readonly totalReferrals: number;
      readonly reachedAt: string | null;
    }[];
  };
  readonly seal?: {
    readonly version: number;
    readonly digest: string;
    readonly position: number;
    readonly throughPosition: number;
    readonly stated: Value;
  };
  readonly asOf: { readonly position: number };
  readonly nextCursor: string | null;
  readonly timeZone: string;
}

/** `Nicole King: 3 monthlyReferrals in October 2025, because:` and everything that follows. */
export function explanationSaid(found: Explained, zone: string): string {
  return [
    `${headOf(found)}${found.countedFacts === 0 ? ': nothing counts.' : ', because:'}`,
    ...countedLines(found, zone),
    ...standingLines(found, zone),
    ...notCountedLines(found, zone),
    `Rule: ${found.rule.says} (product.md, “${found.rule.section}”)`,
    verdictOf(found),
  ].join('\n');
}

function headOf(found: Explained): string {
  const { subject, figure, month, day, throughDay = null, state, source, seal } = found;
  const span = month === null ? '' : monthName(month);
  const upTo = throughDay === null ? '' : `, up to ${throughDay}`;
  const when = source !== null ? ` of ${source}` : ` in ${day ?? span}${upTo}`;
  const as =
    state === 'known'
      ? ''
      : state === 'pending'
        ? ', pending'
        : `, as closed in version ${seal?.version ?? ''}`;
  const what = NOUNS[figure] ?? figure;
  const value = shownValue(found, found.total);
  const told = found.unit === 'rank' ? `${what} ${value}` : `${value} ${what}`;
  return `${subject.name ?? subject.creatorId}: ${told}${when}${as}`;
}

/** What a sentence calls them; the others are called as they are. */
const NOUNS: Readonly<Record<string, string>> = {
  monthlyReferrals: 'referrals',
  totalReferrals: 'referrals in total',
  reversedReferrals: 'reversed referrals',
  monthlyEarningsMinor: 'earned',
  totalEarningsMinor: 'earned in total',
  signUps: 'sign-ups of referred members',
  monthlySignUps: 'sign-ups of referred members',
  revenueMinor: 'revenue',
  refundsMinor: 'refunded',
};

function shownValue({ unit, currency }: Explained, value: Value): string {
  if (value === null) return 'no';
  if (typeof value === 'string') return value;
  return unit === 'money' ? money(value, currency ?? 'usd') : count(value);
}

const saidBy = ({ events }: Fact): string =>
  events.length === 0
    ? ''
    : ` [${events.map(({ position, type }) => `${type} ${position}`).join(', ')}]`;

function countedLines(found: Explained, zone: string): string[] {
  const { counted, countedFacts, unit } = found;
  const shown = counted.map((fact) => {
    const adds = unit === 'money' ? shownValue(found, fact.contribution) : count(fact.contribution);
    const sign = fact.contribution > 0 ? '+' : '';
    return `  ${sign}${adds}  ${instant(fact.at, zone)}  ${fact.why}${saidBy(fact)}`;
  });
  const more = countedFacts - counted.length;
  return more > 0 ? [...shown, `  … and ${count(more)} more`] : shown;
}

function standingLines({ tier, rank, seal, sum, unit }: Explained, zone: string): string[] {
  const lines: string[] = [];
  if (unit === 'tier' || unit === 'rank')
    lines.push(`Together: ${count(sum)} ${sum === 1 ? 'referral' : 'referrals'}`);
  if (tier !== undefined) {
    const by = tier.setBy === null ? 'the default' : `set by event ${tier.setBy.position}`;
    const from = tier.tiers.map((one) => `${one.name} from ${one.from}`).join(', ');
    lines.push(`Thresholds: ${from} (${by})`);
    if (tier.pin !== null)
      lines.push(`Pinned: ${tier.pin.tier}, by event ${tier.pin.position}: ${tier.pin.reason}`);
  }
  for (const one of rank?.around ?? [])
    lines.push(
      `  ${one.rank}. ${one.name}: ${count(one.totalReferrals)}, reached ${instant(one.reachedAt, zone)}`,
    );
  if (seal !== undefined)
    lines.push(
      `Sealed: version ${seal.version}, event ${seal.position}, of the log through ${seal.throughPosition}, digest ${seal.digest}`,
    );
  return lines;
}

function notCountedLines({ notCounted, notCountedBy }: Explained, zone: string): string[] {
  if (notCountedBy.length === 0) return [];
  const by = notCountedBy.map(({ code, facts }) => `${count(facts)} ${code}`).join(', ');
  return [
    `Not counted (${by}):`,
    ...notCounted.map((fact) => `  −  ${instant(fact.at, zone)}  ${fact.why}${saidBy(fact)}`),
  ];
}

function verdictOf(found: Explained): string {
  const { agrees, readModel, seal, asOf, total } = found;
  if (agrees) return `The read model says the same, at position ${count(asOf.position)}.`;
  const stated =
    seal === undefined || seal.stated === total
      ? ''
      : ` The snapshot’s pages say ${shownValue(found, seal.stated)}.`;
  return `The read model says ${readModel === null ? 'nothing' : shownValue(found, readModel)}: it is wrong.${stated} flywheel replay rebuilds it, flywheel check shows how far it goes.`;
}
