/** `flywheel member show` */
import { pathOf } from '../api-client.js';
import { count, instant, money, monthName } from '../format.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { factsOf } from '../table.js';

interface Member {
  readonly memberId: string;
  readonly name: string;
  readonly referralCode: string;
  readonly signedUpAt: string | null;
  readonly convertedAt: string | null;
  readonly referrer: { readonly memberId: string; readonly name: string } | null;
  readonly timeZone: string;
}

interface MemberStats {
  readonly month: string;
  readonly monthlyReferrals: number;
  readonly totalReferrals: number;
  readonly reversedReferrals: number;
  readonly currency: string;
  readonly otherCurrencies: readonly string[];
  readonly monthlyEarningsMinor: number;
  readonly totalEarningsMinor: number;
  readonly tier: string;
  readonly tierPin: { readonly reason: string; readonly since: string } | null;
  readonly rank: number | null;
  readonly timeZone: string;
}

export async function showMember(
  invocation: Invocation,
  id: string,
  { month }: { readonly month?: string },
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, id);
  const creator = await creatorOf(invocation, client);
  const path = pathOf('api', 'creators', creator, 'members', id);
  const member = await client.get<Member>(path);
  const stats = await client.get<MemberStats>(`${path}/stats`, { month });
  terminal.answer('flywheel.member/1', { creator, member, stats }, () =>
    factsOf(terminal, factsOfMember(member, stats, globals.tz ?? member.timeZone)),
  );
}

function factsOfMember(member: Member, stats: MemberStats, zone: string): [string, string][] {
  const { referrer } = member;
  const earned = money(stats.monthlyEarningsMinor, stats.currency);
  const others = stats.otherCurrencies.join(', ');
  return [
    ['member', `${member.name} (${member.memberId})`],
    ['referral code', member.referralCode],
    ['referrer', referrer === null ? 'organic' : `${referrer.name} (${referrer.memberId})`],
    ['signed up', instant(member.signedUpAt, zone)],
    ['converted', instant(member.convertedAt, zone)],
    ['month', monthName(stats.month)],
    ['referrals of the month', count(stats.monthlyReferrals)],
    ['reversed in the month', count(stats.reversedReferrals)],
    ['earned in the month', others === '' ? earned : `${earned} (and in ${others})`],
    ['total referrals', count(stats.totalReferrals)],
    ['total earned', money(stats.totalEarningsMinor, stats.currency)],
    ['tier', tierOf(stats, zone)],
    ['rank', stats.rank === null ? '—' : String(stats.rank)],
  ];
}

/** `Silver (pinned since 2025-10-26 14:00:00 EDT: as agreed)` */
const tierOf = ({ tier, tierPin }: MemberStats, zone: string): string =>
  tierPin === null
    ? tier
    : `${tier} (pinned since ${instant(tierPin.since, zone)}: ${tierPin.reason})`;
