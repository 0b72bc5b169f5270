/** `flywheel tier pin|unpin`, `member code|referrer`, `membership assign`: a dry run unless `--apply`. */
import { pathOf } from '../api-client.js';
import { EXIT } from '../exit.js';
import { count, instant, money, monthName } from '../format.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { tableOf } from '../table.js';

export interface OrderOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly apply?: boolean;
}

interface Ordered {
  /** False: it was so already. */
  readonly changed: boolean;
  readonly dryRun: boolean;
}

interface Order<T> {
  readonly schema: string;
  /** Whom it is about, for the target line. */
  readonly about: string;
  /** Below the creator. */
  readonly path: readonly string[];
  readonly body: object;
  /** What changes, for people. */
  readonly text: (answer: T) => string;
}

/** Puts the order; exit code 2 for a dry run that would change something. */
async function putOrder<T extends Ordered>(
  invocation: Invocation,
  { apply }: OrderOptions,
  { schema, about, path, body, text }: Order<T>,
): Promise<Outcome> {
  const { terminal } = invocation;
  const dryRun = apply !== true;
  const { client } = await connect(invocation, `${about}${dryRun ? ' · dry run' : ''}`);
  const creator = await creatorOf(invocation, client);
  const answer = await client.put<T>(pathOf('api', 'creators', creator, ...path), {
    ...body,
    dryRun,
  });
  terminal.answer(schema, answer, () =>
    answer.changed ? text(answer) : 'All of it is so already.',
  );
  if (!dryRun || !answer.changed) return EXIT.done;
  terminal.note('next: the same command with --apply');
  return EXIT.findings;
}

interface TierPinned extends Ordered {
  readonly tierPin: { readonly tier: string; readonly since: string } | null;
}

export const pinTier = (
  invocation: Invocation,
  member: string,
  tier: string | null,
  options: OrderOptions,
): Promise<Outcome> =>
  putOrder<TierPinned>(invocation, options, {
    schema: 'flywheel.tier-pin/1',
    about: member,
    path: ['members', member, 'tier-pin'],
    body: { tier, reason: options.reason },
    text: ({ tierPin, dryRun }) => {
      const will = dryRun ? 'would be' : 'is';
      return tierPin === null
        ? `The tier of ${member} ${will} left to the thresholds.`
        : `The tier of ${member} ${will} ${tierPin.tier}, since ${instant(tierPin.since, zoneOf(invocation))}.`;
    },
  });

interface CodeSet extends Ordered {
  readonly referralCode: string;
  readonly before: string | null;
}

export const setCode = (
  invocation: Invocation,
  member: string,
  code: string,
  options: OrderOptions,
): Promise<Outcome> =>
  putOrder<CodeSet>(invocation, options, {
    schema: 'flywheel.referral-code/1',
    about: member,
    path: ['members', member, 'referral-code'],
    body: { code, reason: options.reason },
    text: ({ referralCode, before, dryRun }) =>
      `The code of ${member} ${dryRun ? 'would be' : 'is'} ${referralCode}; ${before ?? 'none'} before` +
      `${before === null ? '.' : ', which goes on resolving.'}`,
  });

interface Sums {
  readonly signUps: number;
  readonly referrals: number;
  readonly memberMinor: number;
  readonly creatorMinor: number;
  readonly platformMinor: number;
}

interface ReferrerCorrected extends Ordered {
  readonly changes: readonly {
    readonly month: string;
    readonly referrerId: string | null;
    readonly currency: string | null;
    readonly before: Sums;
    readonly after: Sums;
  }[];
}

export const correctReferrer = (
  invocation: Invocation,
  member: string,
  referrerId: string | null,
  options: OrderOptions,
): Promise<Outcome> =>
  putOrder<ReferrerCorrected>(invocation, options, {
    schema: 'flywheel.referrer/1',
    about: member,
    path: ['members', member, 'referrer'],
    body: { referrerId, reason: options.reason },
    text: ({ changes, dryRun }) => {
      const named = `${referrerId ?? 'nobody'} ${dryRun ? 'would stand' : 'stands'} as the referrer of ${member}`;
      if (changes.length === 0) return `${named}; no line changes.`;
      return `${named}:\n\n${tableOf(
        invocation.terminal,
        [
          { title: 'month' },
          { title: 'referrer' },
          { title: 'sign-ups', align: 'right' },
          { title: 'referrals', align: 'right' },
          { title: 'referrer earns', align: 'right' },
          { title: 'creator keeps', align: 'right' },
          { title: 'platform', align: 'right' },
        ],
        changes.map(({ month, referrerId: of, currency, before, after }) => {
          const amount = (sum: 'memberMinor' | 'creatorMinor' | 'platformMinor'): string =>
            currency === null
              ? ''
              : fromTo(money(before[sum], currency), money(after[sum], currency));
          return [
            monthName(month),
            of ?? 'organic',
            fromTo(count(before.signUps), count(after.signUps)),
            fromTo(count(before.referrals), count(after.referrals)),
            amount('memberMinor'),
            amount('creatorMinor'),
            amount('platformMinor'),
          ];
        }),
      )}`;
    },
  });

/** `3 → 4`; what stays is said once. */
const fromTo = (before: string, after: string): string =>
  before === after ? before : `${before} → ${after}`;

interface MembershipAssigned extends Ordered {
  readonly waitingCount: number;
  readonly waiting: readonly {
    readonly id: string;
    readonly type: string | null;
    readonly at: string | null;
  }[];
}

export const assignMembership = (
  invocation: Invocation,
  membership: string,
  userId: string,
  options: OrderOptions,
): Promise<Outcome> =>
  putOrder<MembershipAssigned>(invocation, options, {
    schema: 'flywheel.membership/1',
    about: membership,
    path: ['memberships', membership, 'person'],
    body: { userId, reason: options.reason },
    text: ({ dryRun, waiting, waitingCount }) => {
      const { terminal } = invocation;
      const will = dryRun ? 'would belong' : 'belongs';
      const said = `${membership} ${will} to ${userId}, for ever; ${count(waitingCount)} parked deliveries wait for it`;
      if (waiting.length === 0) return `${said}.`;
      return `${said}:\n\n${tableOf(
        terminal,
        [{ title: 'delivery' }, { title: 'type' }, { title: 'time' }],
        waiting.map(({ id, type, at }) => [id, type ?? '—', instant(at, zoneOf(invocation))]),
      )}`;
    },
  });

const zoneOf = ({ globals }: Invocation): string => globals.tz ?? 'UTC';
