/** Commands and events of the ledger, complete and valid: a test names only what it is about. */
import {
  type ChangeSettings,
  type ClaimResolved,
  type CommissionRestated,
  type ConflictFound,
  calendarOf,
  DEFAULT_RATES,
  type Instant,
  type Line,
  type MemberCommand,
  type MembershipActivated,
  memberStream,
  type PaymentOwnLine,
  type PaymentReceived,
  type Rates,
  type ReserveCode,
  type Resolving,
  type ReversalState,
  restated,
  Settings,
  type SettingsTimeline,
  type StoredClaim,
  type StoreFirstFact,
  split,
  timelineOf,
} from '#libs/ledger';
import { TEST_DEFAULTS } from './ledger.js';

export const CREATOR = 'biz_a';
export const MEMBER = 'user_mia';
export const MEMBER_STREAM = memberStream(CREATOR, MEMBER);

/** `2026-02-01T12:00:00Z` in the ledger's whole seconds. */
export const at = (iso: string): Instant => Date.parse(iso) / 1000;

/** A creator's settings: the defaults, in UTC, unless the test is about them. */
export const settingsWith = (timeline: Partial<SettingsTimeline> = {}): Settings =>
  new Settings({ ...timelineOf(TEST_DEFAULTS), ...timeline });

/** The claim that names a referrer by code. */
export const claimOf = (referrer: string): StoredClaim => [1, `code-of-${referrer}`];
/** Whom that claim names, as the routes know it. */
export const resolving = (referrer: string, rest: Partial<Resolving> = {}): Resolving => ({
  key: claimOf(referrer)[1],
  memberId: referrer,
  ...rest,
});

interface Telling {
  readonly receivedAt?: string;
  readonly person?: string;
  readonly username?: string;
  readonly claims?: readonly StoredClaim[];
  readonly resolving?: readonly Resolving[];
  /** Claimed by code, and the code is known to be theirs. */
  readonly referrer?: string;
  readonly settings?: Settings;
}

type Of<T extends MemberCommand['type']> = Extract<MemberCommand, { type: T }>;

/** One telling of a payment: succeeded, 49.99 usd on 2026-02-01, by nobody's referral. `null` leaves out. */
export function recordPayment(
  telling: Telling & {
    readonly payment?: string;
    readonly status?: 'succeeded' | 'failed';
    readonly paidAt?: string | null;
    readonly createdAt?: string;
    readonly amount?: string | null;
    readonly currency?: string | null;
    readonly membership?: string;
    readonly billingReason?: string;
  } = {},
): Of<'RecordPayment'> {
  const { payment = 'pay_1', status = 'succeeded', membership, createdAt, billingReason } = telling;
  const failed = status === 'failed';
  const { paidAt = failed ? null : '2026-02-01T12:00:00Z' } = telling;
  const { amount = failed ? null : '49.99', currency = failed ? null : 'usd' } = telling;
  return {
    type: 'RecordPayment',
    paymentId: payment,
    status,
    ...told(telling),
    ...(paidAt === null ? {} : { paidAt: at(paidAt) }),
    ...(createdAt === undefined ? {} : { createdAt: at(createdAt) }),
    ...(amount === null ? {} : { amount: { decimal: amount, currency } }),
    ...(failed && currency !== null ? { currency } : {}),
    ...(membership === undefined ? {} : { membershipId: membership }),
    ...(billingReason === undefined ? {} : { billingReason }),
  };
}

/** One telling of a membership: activated, joined on 2026-01-15. `null` leaves out. */
export function recordMembership(
  telling: Telling & {
    readonly membership?: string;
    readonly status?: 'activated' | 'deactivated';
    readonly joinedAt?: string | null;
    readonly createdAt?: string;
  } = {},
): Of<'RecordMembership'> {
  const { membership = 'mem_1', status = 'activated', createdAt } = telling;
  const { joinedAt = '2026-01-15T08:00:00Z' } = telling;
  return {
    type: 'RecordMembership',
    membershipId: membership,
    status,
    ...told(telling),
    ...(joinedAt === null ? {} : { joinedAt: at(joinedAt) }),
    ...(createdAt === undefined ? {} : { createdAt: at(createdAt) }),
  };
}

/** One telling of a refund (`rf_…`) or dispute (`dspt_…`): succeeded or lost, all of pay_1's 49.99 usd, on 2026-03-05. `null` leaves out. */
export function recordReversal(
  telling: {
    readonly id?: string;
    readonly payment?: string | null;
    readonly state?: ReversalState;
    readonly createdAt?: string | null;
    readonly toldAt?: string;
    readonly amount?: string;
    readonly currency?: string | null;
    readonly original?: { readonly decimal: string; readonly currency: string };
    readonly person?: string;
    readonly settings?: Settings;
  } = {},
): Of<'RecordReversal'> {
  const { id = 'rf_1', payment = 'pay_1', amount = '49.99', currency = 'usd', original } = telling;
  const { createdAt = '2026-03-05T12:00:00Z', toldAt, person, settings = settingsWith() } = telling;
  const kind = id.startsWith('rf_') ? 'refund' : 'dispute';
  return {
    type: 'RecordReversal',
    kind,
    reversalId: id,
    state: telling.state ?? (kind === 'refund' ? 'succeeded' : 'lost'),
    amount: { decimal: amount, currency },
    receivedAt: at('2026-12-01T00:00:00Z'),
    resolving: [],
    settings,
    ...(payment === null ? {} : { paymentId: payment }),
    ...(createdAt === null ? {} : { createdAt: at(createdAt) }),
    ...(toldAt === undefined ? {} : { toldAt: at(toldAt) }),
    ...(original === undefined ? {} : { original }),
    ...(person === undefined ? {} : { person }),
  };
}

function told({ receivedAt = '2026-12-01T00:00:00Z', person, username, ...telling }: Telling) {
  const { referrer, settings = settingsWith() } = telling;
  return {
    receivedAt: at(receivedAt),
    claims: telling.claims ?? (referrer === undefined ? [] : [claimOf(referrer)]),
    resolving: telling.resolving ?? (referrer === undefined ? [] : [resolving(referrer)]),
    settings,
    ...(person === undefined ? {} : { person }),
    ...(username === undefined ? {} : { username }),
  };
}

/** The routes learned whom these claims name. */
export const resolveClaims = (
  known: readonly Resolving[],
  settings = settingsWith(),
): Of<'ResolveClaims'> => ({
  type: 'ResolveClaims',
  at: at('2026-12-02T00:00:00Z'),
  settings,
  resolving: known,
});

/** A payment's event with the lines that it adds itself: the member's first, which signs up too. */
export function paymentReceived(
  event: Partial<Omit<PaymentReceived['data'], 'amountMinor' | 'day' | 'lines'>> & {
    readonly paidAt?: string;
    readonly amountMinor?: bigint;
    readonly referrer?: string;
    readonly first?: boolean;
    readonly signsUp?: boolean;
    readonly rates?: Rates;
  } = {},
): PaymentReceived {
  const { paidAt = '2026-02-01T12:00:00Z', amountMinor = 4999n, referrer, ...rest } = event;
  const {
    first = true,
    signsUp = true,
    rates = DEFAULT_RATES,
    timeZone = 'UTC',
    claims,
    ...data
  } = rest;
  const by = referrer ?? null;
  const shares =
    by === null ? { member: 0n, creator: amountMinor, platform: 0n } : split(amountMinor, rates);
  const amounts = [shares.member, shares.creator, shares.platform].map(String);
  const [member = '', creator = '', platform = ''] = amounts;
  const lines: PaymentOwnLine[] = [];
  if (signsUp) lines.push(['signUp', by]);
  if (amountMinor > 0n) lines.push(['sale', first ? 1 : 0, by, member, creator, platform]);
  if (amountMinor > 0n && first && by !== null) lines.push(['conversion', by]);
  const effectiveAt = at(paidAt);
  const day = calendarOf([{ fromMonth: null, timeZone }]).dayOf(effectiveAt);
  return {
    type: 'PaymentReceived',
    effectiveAt,
    data: {
      payment: 'pay_1',
      amountMinor: String(amountMinor),
      currency: 'usd',
      day,
      timeZone,
      ...claimed(referrer, claims),
      ...data,
      lines,
    },
  };
}

/** A membership's event with the sign-up that it dates. */
export function membershipActivated(
  event: Partial<Omit<MembershipActivated['data'], 'joinedAt' | 'day' | 'lines'>> & {
    readonly joinedAt?: string;
    readonly referrer?: string;
    readonly signsUp?: boolean;
  } = {},
): MembershipActivated {
  const { joinedAt = '2026-01-15T08:00:00Z', referrer, signsUp = true, claims, ...data } = event;
  const { timeZone = 'UTC' } = data;
  const effectiveAt = at(joinedAt);
  const day = calendarOf([{ fromMonth: null, timeZone }]).dayOf(effectiveAt);
  return {
    type: 'MembershipActivated',
    effectiveAt,
    data: {
      membership: 'mem_1',
      day,
      timeZone,
      joinedAt: effectiveAt,
      ...claimed(referrer, claims),
      ...data,
      lines: signsUp ? [['signUp', referrer ?? null]] : [],
    },
  };
}

/** The event claims its referrer by code, unless the test says what it claims. */
function claimed(referrer: string | undefined, claims: readonly StoredClaim[] | undefined) {
  const own = claims ?? (referrer === undefined ? [] : [claimOf(referrer)]);
  return own.length === 0 ? {} : { claims: own };
}

export const claimResolved = (
  referrer: string,
  event: {
    readonly at?: string;
    readonly notBefore?: string;
    readonly member?: string | null;
  } = {},
): ClaimResolved => ({
  type: 'ClaimResolved',
  effectiveAt: at(event.at ?? '2026-12-01T00:00:00Z'),
  data: {
    key: claimOf(referrer)[1],
    member: event.member === undefined ? referrer : event.member,
    ...(event.notBefore === undefined ? {} : { notBefore: at(event.notBefore) }),
  },
});

export const conflictFound = (
  conflict: Partial<ConflictFound['data']>,
  effectiveAt = '2026-02-01T12:00:00Z',
): ConflictFound => ({
  type: 'ConflictFound',
  effectiveAt: at(effectiveAt),
  data: { fact: 'pay_1', field: 'amount', first: '49.99', told: '50', ...conflict },
});

export const commissionRestated = (
  because: string,
  effectiveAt: string,
  ...lines: readonly Line[]
): CommissionRestated => ({
  type: 'CommissionRestated',
  effectiveAt: at(effectiveAt),
  data: { because, lines: lines.map(restated) },
});

/** A whole line: of a sale of 49.99 usd that nobody referred. */
export const aLine = (line: Partial<Line> = {}): Line => ({
  kind: 'sale',
  sourceId: 'pay_1',
  paymentId: 'pay_1',
  first: true,
  at: at('2026-02-01T12:00:00Z'),
  day: '2026-02-01',
  creatorId: CREATOR,
  memberId: MEMBER,
  referrerId: null,
  currency: 'usd',
  count: 1n,
  saleMinor: 4999n,
  memberMinor: 0n,
  creatorMinor: 4999n,
  platformMinor: 0n,
  ...line,
  month: (line.day ?? '2026-02-01').slice(0, 7),
});

export const reserveCode = (command: Partial<ReserveCode> = {}): ReserveCode => ({
  type: 'ReserveCode',
  at: at('2026-02-01T12:00:00Z'),
  creatorId: CREATOR,
  memberId: MEMBER,
  ...command,
});

/** An order of settings, given on 2026-05-10 at noon UTC. */
export const changeSettings = (
  change: Partial<Omit<ChangeSettings, 'type' | 'now'>> & { readonly now?: string } = {},
): ChangeSettings => ({
  defaults: TEST_DEFAULTS,
  ...change,
  type: 'ChangeSettings',
  now: at(change.now ?? '2026-05-10T12:00:00Z'),
});

export const storeFirstFact = (
  fact: { readonly at?: string } & Partial<Pick<StoreFirstFact, 'defaults'>> = {},
): StoreFirstFact => ({
  type: 'StoreFirstFact',
  at: at(fact.at ?? '2026-05-01T00:00:00Z'),
  defaults: fact.defaults ?? TEST_DEFAULTS,
});
