/**
 * Every number that an answer about a community may hold, and what explains it: by route, the path
 * of the field and the question that `explain` is asked. A field that is not here is not explained.
 */
import type { Json } from './real-parts.js';

/** Whose figure, and the query of its explanation. */
export interface Question {
  readonly memberId?: string;
  readonly query: Readonly<Record<string, string>>;
}

/** Where a number was found: the objects around it, the answer first; and what was asked. */
export interface Found {
  readonly chain: readonly Record<string, unknown>[];
  readonly memberId: string | undefined;
  readonly field: string;
}
export type Explains = (found: Found) => Question;

/** No figure: an identity of something, a setting, or an explanation itself. */
export const NO_FIGURE = 'no figure';
type Fields = Readonly<Record<string, Explains | typeof NO_FIGURE>>;

const isInCurrency = (figure: string): boolean => /(Minor|Payments)$/.test(figure);

/** The nearest object around that has it. */
const near = ({ chain }: Found, name: string): string | undefined => {
  const value = chain.findLast((one) => name in one)?.[name];
  return value === null || value === undefined ? undefined : String(value);
};

interface Asks {
  readonly figure?: string;
  readonly state?: 'closed' | 'pending';
  /** Of a row of one currency: its counts too. */
  readonly row?: true;
}

/** The figure of this name, of the month and currency that the answer says around it. */
const figure =
  ({ state, row, ...rest }: Asks = {}): Explains =>
  (found) => {
    const name = rest.figure ?? found.field;
    const month = near(found, 'month');
    const day = near(found, 'day');
    const throughDay = near(found, 'throughDay');
    const currency = near(found, 'currency');
    const memberId = found.memberId ?? near(found, 'memberId');
    return {
      ...(memberId !== undefined && { memberId }),
      query: {
        figure: name,
        ...(month !== undefined && { month }),
        ...(day !== undefined && { day }),
        ...(throughDay !== undefined && { throughDay }),
        ...(state && { state }),
        ...(row ? { currency: currency ?? 'none' } : {}),
        ...(!row && currency !== undefined && isInCurrency(name) ? { currency } : {}),
      },
    };
  };

/** The cell of a sealed version: its own month's, or of an earlier one that it carries. */
const sealed =
  (row?: true): Explains =>
  (found) => {
    const { memberId, query } = figure({ state: 'closed', ...(row && { row }) })(found);
    const version = near(found, 'version');
    const origin = near(found, 'origin');
    return {
      ...(memberId !== undefined && { memberId }),
      query: {
        ...query,
        ...(version !== undefined && { version }),
        ...(origin !== undefined && { origin }),
      },
    };
  };

/** What a later close carries of the month of the answer. */
const carried: Explains = (found) => {
  const { query } = figure({ state: 'closed', row: true })(found);
  const month = near(found, 'closedMonth') ?? '';
  return { query: { ...query, month, origin: query.month ?? '' } };
};

/** Of one payment, refund or dispute. */
const ofSource: Explains = (found) => {
  const source = near(found, 'reversalId') ?? near(found, 'paymentId') ?? '';
  const memberId = found.memberId;
  return { ...(memberId !== undefined && { memberId }), query: { figure: found.field, source } };
};

const each = (fields: readonly string[], at: string, explains: Explains): Fields =>
  Object.fromEntries(fields.map((field) => [`${at}${field}`, explains]));

const SALES = [
  ...['revenueMinor', 'organicMinor', 'referredMinor', 'refundsMinor'],
  ...['initialPayments', 'initialMinor', 'recurringPayments', 'recurringMinor'],
];
const OF_CREATOR = ['members', 'totalReferrals', 'referrals', 'signUps', ...SALES];
const OF_REVENUE = [...SALES, 'organicPayments', 'referredPayments'];
const CREATOR_ROW = [...OF_REVENUE, 'signUps', 'referrals', 'reversedReferrals', 'creatorMinor'];
const EARNED = ['earnedMinor', 'reversedMinor', 'earningsMinor'];
const REFERRER_ROW = ['referrals', 'reversedReferrals', ...EARNED];
const STANDING = ['rank', 'tier', 'totalReferrals'];
const SEALED_STATS = ['monthlyReferrals', 'reversedReferrals', 'monthlyEarningsMinor'];
const SHARES = ['saleMinor', 'memberMinor', 'creatorMinor', 'platformMinor'];
const RANKED = [...STANDING, 'monthlyReferrals', 'monthlyEarningsMinor'];

/** `asClosed` beside figures: its own version and digest, and the same figures as stated. */
const asClosed = (fields: readonly string[], at: string): Fields => ({
  ...each(fields, `${at}asClosed.`, sealed()),
  [`${at}asClosed.version`]: NO_FIGURE,
});

const version = (at: string): Fields => ({
  [`${at}version`]: NO_FIGURE,
  [`${at}throughPosition`]: NO_FIGURE,
  [`${at}lines`]: NO_FIGURE,
  ...each(['members', 'totalReferrals'], `${at}totals.`, sealed()),
  ...each(CREATOR_ROW, `${at}totals.creator[].`, sealed(true)),
  ...each(REFERRER_ROW, `${at}totals.referrers[].`, sealed(true)),
  ...each(CREATOR_ROW, `${at}totals.carriedCreator[].`, sealed(true)),
  ...each(REFERRER_ROW, `${at}totals.carriedReferrers[].`, sealed(true)),
});

/** In a ranking the state of the month decides: a closed one shows what was sealed. */
const ranked: Explains = (found) =>
  figure(found.chain.some((one) => 'asNowKnown' in one) ? { state: 'closed' } : {})(found);

/** An admin's order. */
const PIN = (at: string): Fields => ({ [`${at}tierPin.tier`]: NO_FIGURE });
const AS_OF: Fields = { 'asOf.position': NO_FIGURE };
const C = '/api/creators/:creator';

const EXPLAINED: Readonly<Record<string, Fields>> = {
  [C]: {
    ...AS_OF,
    'settings.*': NO_FIGURE,
    ...each(OF_CREATOR, '', figure()),
    // Not a sum: those who referred the conversions that explain `referrals`; a test counts them.
    referrers: NO_FIGURE,
    ...asClosed(OF_CREATOR, ''),
  },
  [`${C}/top-referrers`]: {
    ...AS_OF,
    ...each(RANKED, 'items[].', ranked),
    ...each(RANKED, 'items[].asNowKnown.', figure()),
  },
  [`${C}/revenue`]: {
    ...AS_OF,
    ...each(OF_REVENUE, 'items[].', figure()),
    ...asClosed(OF_REVENUE, 'items[].'),
  },
  [`${C}/earnings`]: {
    ...AS_OF,
    ...each(EARNED, 'items[].', figure()),
    ...asClosed(EARNED, 'items[].'),
  },
  [`${C}/growth`]: {
    ...AS_OF,
    ...each(['referrals', 'signUps'], 'items[].', figure()),
    ...asClosed(['referrals', 'signUps'], 'items[].'),
    ...each(['referrals', 'signUps'], 'soFar.', figure()),
    ...each(['referrals', 'signUps'], 'sameDaysBefore.', figure()),
  },
  [`${C}/referrals`]: AS_OF,
  [`${C}/payments`]: {
    ...AS_OF,
    ...each(SHARES, 'items[].', ofSource),
    ...each(SHARES, 'items[].reversals[].', ofSource),
  },
  [`${C}/members`]: {
    ...AS_OF,
    ...each(['totalReferrals', 'tier'], 'items[].', figure()),
    ...PIN('items[].'),
  },
  [`${C}/members/:member`]: { ...AS_OF, ...each(STANDING, '', figure()), ...PIN('') },
  [`${C}/members/:member/stats`]: {
    ...AS_OF,
    ...each([...STANDING, ...SEALED_STATS, 'totalEarningsMinor'], '', figure()),
    ...PIN(''),
    ...asClosed([...STANDING, ...SEALED_STATS], ''),
  },
  [`${C}/members/:member/referrals`]: AS_OF,
  [`${C}/members/:member/earnings`]: {
    ...AS_OF,
    ...each(EARNED, 'items[].', figure()),
    ...asClosed(EARNED, 'items[].'),
  },
  [`${C}/members/:member/growth`]: {
    ...AS_OF,
    ...each(['referrals', 'signUps'], 'items[].', figure()),
    ...asClosed(['referrals'], 'items[].'),
  },
  [`${C}/members/:member/statement`]: {
    ...AS_OF,
    ...each(
      ['openingMinor', 'earnedMinor', 'reversedMinor', 'closingMinor'],
      'totals[].',
      figure(),
    ),
    ...each(['saleMinor', 'amountMinor', 'balanceMinor'], 'items[].', ofSource),
  },
  [`${C}/settings`]: {
    ...AS_OF,
    'settings.*': NO_FIGURE,
  },
  [`${C}/months`]: {
    ...AS_OF,
    ...version('items[].asClosed.'),
    ...each(CREATOR_ROW, 'items[].pending[].', figure({ state: 'pending', row: true })),
  },
  [`${C}/months/:month`]: {
    ...AS_OF,
    ...each(['members', 'totalReferrals'], 'live.', figure()),
    ...each(CREATOR_ROW, 'live.creator[].', figure({ row: true })),
    ...version('asClosed.'),
    ...version('versions[].'),
    ...each(CREATOR_ROW, 'adjustments.creator[].', carried),
    ...each(REFERRER_ROW, 'adjustments.referrers[].', carried),
    ...each(CREATOR_ROW, 'pending.creator[].', figure({ state: 'pending', row: true })),
    ...each(REFERRER_ROW, 'pending.referrers[].', figure({ state: 'pending', row: true })),
    // Lines of events, with their positions: what an explanation is made of.
    'pending.lines[].position': NO_FIGURE,
    'pending.lines[].count': NO_FIGURE,
    ...Object.fromEntries(SHARES.map((share) => [`pending.lines[].${share}`, NO_FIGURE])),
  },
};

/** What explains a field of a route; undefined: nothing does. A path that ends in `*` speaks for all below it. */
export function explainsOf(route: string, path: string): Explains | typeof NO_FIGURE | undefined {
  const fields = EXPLAINED[route] ?? {};
  const below = Object.keys(fields).find(
    (one) => one.endsWith('*') && path.startsWith(one.slice(0, -1)),
  );
  return fields[path] ?? fields[below ?? path];
}

export interface FoundValue extends Found {
  readonly path: string;
  readonly value: unknown;
}

/** Every number of an answer, and every tier and rank, also where there is none. */
export function valuesOf(answer: Json, memberId: string | undefined): FoundValue[] {
  const found: FoundValue[] = [];
  const walk = (value: unknown, path: string, chain: Found['chain'], field: string): void => {
    if (typeof value === 'number' || field === 'tier' || field === 'rank') {
      if (value === undefined || (typeof value === 'object' && value !== null)) return;
      found.push({ path, value, chain, memberId, field });
    } else if (Array.isArray(value)) {
      for (const one of value) walk(one, `${path}[]`, chain, field);
    } else if (typeof value === 'object' && value !== null) {
      const holder = value as Record<string, unknown>;
      for (const [name, inner] of Object.entries(holder))
        walk(inner, path === '' ? name : `${path}.${name}`, [...chain, holder], name);
    }
  };
  walk(answer, '', [], '');
  return found;
}
