/**
 * Every question that can be put to every route: ids of one's own, of a sibling, of another tenant and
 * of nobody, in paths, queries and bodies. Paths are made from the router's, so a route that comes
 * later is asked too; a parameter that this file does not know fails.
 */
import { A1, A2, ALPHA, B1, BETA, NO_CREATOR, NO_MEMBER } from './tenants.js';

export interface Question {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly payload?: object;
}

/** Ids that only the planted ledger knows. */
export interface KnownIds {
  /** Of an event of A, of B, and of none: positions and ids. */
  readonly events: readonly string[];
}

const MONTH = '2026-02';
const CREATORS = [ALPHA, BETA, NO_CREATOR];
const MEMBERS = [A1, A2, B1, NO_MEMBER];

const STREAMS = [
  ...CREATORS.flatMap((creator) => [
    `creator-${creator}`,
    `months-${creator}`,
    ...MEMBERS.map((member) => `member-${creator}.${member}`),
  ]),
  'code-ABCD-EFGH',
  'replay-1',
];

function valuesOf(name: string, route: string, ids: KnownIds): readonly string[] {
  if (name === 'creator') return CREATORS;
  if (name === 'member') return MEMBERS;
  if (name === 'membership') return ['mem_Quokka', 'mem_Fossa', 'mem_none'];
  if (name === 'month') return [MONTH];
  if (name === 'stream') return STREAMS;
  if (name === 'id') return route.includes('/audit/events/') ? ids.events : ['999999', '1'];
  throw new Error(`what ${route} means by :${name} is not said in apps/api/test/matrix.ts`);
}

/** Of A1's, of A2's, of B's referrals, and of nobody's. */
const PAYMENTS = ['pay_Wombat', 'pay_Dugong', 'pay_Tenrec', 'pay_nobody'];
const EACH_CREATOR = CREATORS.map((creator) => `creator=${creator}`);
const CSV = ['', 'format=csv'];

/** What is asked beside the path, by the end of the route. */
const QUERIES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\/top-referrers$/, [...CSV, 'limit=1', `month=${MONTH}`]],
  [
    /\/payments$/,
    [
      ...CSV,
      ...MEMBERS.flatMap((one) => [`member=${one}`, `referrer=${one}`, `member=${one}&format=csv`]),
    ],
  ],
  [
    /:creator\/members$/,
    [...CSV, 'q=Fossa', 'q=mail.test', 'q=usr', 'sort=totalReferrals&limit=1', 'pinned=true'],
  ],
  [
    /\/members\/:member\/explain$/,
    [
      '',
      ...figures('totalReferrals', 'earningsMinor', 'closingMinor', 'rank', 'tier'),
      ...PAYMENTS.map((payment) => `figure=saleMinor&source=${payment}`),
    ],
  ],
  [
    /:creator\/explain$/,
    [
      '',
      ...figures('revenueMinor', 'referrals', 'members'),
      `figure=referrals&throughDay=${MONTH}-20`,
    ],
  ],
  [/\/(referrals|revenue|growth|earnings|statement)$/, CSV],
  [
    /\/audit\/events$/,
    [
      '',
      'format=ndjson',
      'order=oldest&limit=2',
      'count=yes',
      ...EACH_CREATOR.flatMap((one) => [one, `${one}&format=ndjson`]),
      ...STREAMS.map((one) => `stream=${one}`),
      ...MEMBERS.flatMap((one) => [`member=${one}`, `member=${one}&creator=${BETA}`]),
    ],
  ],
  [
    /\/audit\/streams$/,
    [
      '',
      'limit=1',
      ...['member-', `member-${BETA}`, 'code'].map(prefix),
      ...PAYMENTS.map((payment) => `fact=${payment}`),
    ],
  ],
  [
    /\/audit\/history$/,
    CREATORS.flatMap((creator) => [
      `entity=creator&id=${creator}&field=revenue&month=${MONTH}&currency=usd`,
      `entity=creator&id=${creator}&field=rates`,
      ...MEMBERS.flatMap((member) =>
        ['earnings', 'referrals', 'referrer'].map(
          (field) => `entity=member&id=${creator}.${member}&field=${field}`,
        ),
      ),
    ]),
  ],
  [/\/admin\/deliveries$/, ['', ...EACH_CREATOR]],
];

function prefix(text: string): string {
  return `prefix=${text}`;
}
function figures(...names: readonly string[]): string[] {
  return names.map((name) => `figure=${name}&month=${MONTH}`);
}

/** Orders that could be meant; every other is sent an empty one. */
function payloadOf(route: string): object | undefined {
  if (route.startsWith('GET ') || route.startsWith('DELETE ')) return undefined;
  return route.endsWith('/referral-code') ? { code: 'QUOKKA-26', dryRun: true } : {};
}

/** Of a route such as `GET /api/creators/:creator/members/:member`. */
export function questionsOf(route: string, ids: KnownIds): Question[] {
  const [method = '', path = ''] = route.split(' ');
  let paths = [path.replace(/\/\*$/, '/x')];
  for (const [, name = ''] of path.matchAll(/:(\w+)/g))
    paths = paths.flatMap((one) =>
      valuesOf(name, route, ids).map((value) => one.replace(`:${name}`, value)),
    );
  const asked = QUERIES.filter(([ending]) => ending.test(path)).flatMap(([, queries]) => queries);
  const queries = method === 'GET' && asked.length > 0 ? [...new Set(asked)] : [''];
  const payload = payloadOf(route);
  return paths.flatMap((one) =>
    queries.map((query) => ({
      method,
      url: query === '' ? one : `${one}?${query}`,
      ...(payload === undefined ? {} : { payload }),
    })),
  );
}
