/** Every number on every endpoint of a community has an explanation whose sum equals it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Rendered, renderMembership, renderPayment, renderReversal } from '#libs/ingestion';
import {
  type Explains,
  explainsOf,
  type FoundValue,
  NO_FIGURE,
  type Question,
  valuesOf,
} from '../test/explained-fields.js';
import { CREATOR, codeOf, PATH, type Told, toldHistory } from '../test/history.js';
import { asAdmin } from '../test/in-memory-parts.js';
import type { Json } from '../test/real-parts.js';
import { routesOf } from './access.js';

const MAY_20 = Date.UTC(2026, 4, 20);
const at = (iso: string): number => Date.parse(iso) / 1000;

const paid = (user: string, id: string, paidAt: string, amount: string, by?: string) =>
  renderPayment('v1', {
    ...{ creatorId: CREATOR, userId: `user_${user}`, membershipId: `mem_${user}` },
    ...{ paymentId: `pay_${id}`, status: 'succeeded', amount, currency: 'usd' },
    ...{ paidAt: at(paidAt), createdAt: at(paidAt) },
    ...(by === undefined ? {} : { referralCode: codeOf(by) }),
  });
const refunded = (
  user: string,
  id: string,
  of: string,
  amount: string,
  on: string,
  status = 'succeeded',
) =>
  renderReversal('v1', {
    ...{ creatorId: CREATOR, userId: `user_${user}`, membershipId: `mem_${user}` },
    ...{
      reversalId: `rf_${id}`,
      kind: 'refund',
      event: status === 'succeeded' ? 'created' : 'updated',
    },
    ...{ paymentId: `pay_${of}`, status, amount, currency: 'usd', createdAt: at(on) },
  });

describe('explanations', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
    const { ledger } = api;
    const tell = async (...deliveries: Rendered[]): Promise<void> => {
      await ledger.deliver(...deliveries);
      await ledger.decide();
    };
    const close = async (month: string): Promise<void> => {
      const { status, json } = await api.post(`${PATH}/months/${month}/close`);
      if (status !== 200) throw new Error(JSON.stringify(json));
    };
    await tell(
      refunded('bob', '1', 'bob1', '49.99', '2026-03-08T12:00:00Z'),
      refunded('bob', '2', 'bob2', '10.00', '2026-03-09T12:00:00Z'),
      refunded('hal', '3', 'hal1', '5.00', '2026-03-15T12:00:00Z'),
      refunded('hal', '3', 'hal1', '5.00', '2026-03-15T12:00:00Z', 'failed'),
      paid('ken', 'ken0', '2026-03-16T12:00:00Z', '0.00', 'rui'),
      // Claims to be of ana after the first payment, which was organic.
      paid('lou', 'lou1', '2026-03-01T18:00:00Z', '8.00'),
      paid('lou', 'lou2', '2026-03-17T12:00:00Z', '8.00', 'ana'),
      // Names a code that nobody has.
      renderPayment('v1', {
        ...{ creatorId: CREATOR, userId: 'user_mia', membershipId: 'mem_mia', currency: 'usd' },
        ...{ paymentId: 'pay_mia1', status: 'succeeded', amount: '9.00' },
        ...{ paidAt: at('2026-03-18T12:00:00Z'), createdAt: at('2026-03-18T12:00:00Z') },
        referralCode: 'NOBODYS-CODE',
      }),
    );
    api.setNow(MAY_20);
    await close('2026-01');
    await close('2026-02');
    // Known only after the closes of January and February: carried by March, also when January is
    // stated anew.
    await tell(
      paid('late', 'late1', '2026-02-20T12:00:00Z', '30.00', 'ana'),
      paid('zoe', 'zoe0', '2026-01-11T12:00:00Z', '6.00'),
    );
    await close('2026-03');
    // An earlier payment of Gil makes another the first one; more of January and March is pending.
    await tell(
      paid('gil', 'gil0', '2026-03-09T12:00:00Z', '12.00'),
      paid('rui', 'rui0', '2026-01-09T12:00:00Z', '3.00'),
      paid('cy', 'cy2', '2026-03-21T12:00:00Z', '49.99'),
    );
    const { json } = await api.get(`${PATH}/months/2026-01`);
    const expectedDigest = (json.asClosed as { digest: string }).digest;
    const order = { reason: 'learned late', expectedDigest };
    expect((await api.post(`${PATH}/months/2026-01/restate`, order)).status).toBe(200);
    await api.put(`${PATH}/members/user_yan/tier-pin`, { tier: 'Star', reason: 'as agreed' });
    await tell(
      paid('ana', 'ana2', '2026-05-02T12:00:00Z', '4.00'),
      renderMembership('v1', {
        ...{ creatorId: CREATOR, userId: 'user_new', membershipId: 'mem_new' },
        ...{ status: 'activated', joinedAt: at('2026-05-03T12:00:00Z') },
        ...{ createdAt: at('2026-05-03T12:00:00Z'), referralCode: codeOf('ana') },
      }),
    );
    // Whoever reads from here on reads all of it.
    await api.read(PATH);
    api.setNow(MAY_20);
  }, 120_000);
  afterAll(() => api.close());

  const read = async (path: string): Promise<Json> => {
    const { status, json } = await api.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  };
  const answers = new Map<string, Promise<Json>>();
  const explained = ({ memberId, query }: Question): Promise<Json> => {
    const of = memberId === undefined ? PATH : `${PATH}/members/${memberId}`;
    const path = `${of}/explain?${new URLSearchParams({ ...query, limit: '500' })}`;
    const known = answers.get(path) ?? read(path);
    answers.set(path, known);
    return known;
  };

  const MONTHS = ['2026-01', '2026-02', '2026-03', '2026-04', '2026-05'];
  const PEOPLE = ['rui', 'ana', 'yan', 'bob'].map((user) => `user_${user}`);
  const ofMonths = (route: string): string[] => [
    route,
    ...MONTHS.map((month) => `${route}?month=${month}`),
  ];
  /** What is asked of each route, below the community. */
  const ASKED: Readonly<Record<string, (member: string) => readonly string[]>> = {
    '': () => [...ofMonths(''), '?month=2026-03&currency=eur'],
    '/top-referrers': () => [...ofMonths('/top-referrers'), '/top-referrers?currency=eur'],
    '/revenue': () => ['/revenue?from=2026-01', '/revenue?from=2026-03&currency=eur'],
    '/growth': () => ['/growth?months=5'],
    '/earnings': () => [
      '/earnings?from=2026-01',
      '/earnings?by=day&from=2026-03-01&to=2026-03-20',
      '/earnings?from=2026-03&currency=eur',
    ],
    '/referrals': () => ['/referrals'],
    '/payments': () => ['/payments'],
    '/members': () => ['/members'],
    '/members/:member': (member) => [`/members/${member}`],
    '/members/:member/stats': (member) => [
      ...ofMonths(`/members/${member}/stats`),
      `/members/${member}/stats?month=2026-03&currency=eur`,
    ],
    '/members/:member/referrals': (member) => [`/members/${member}/referrals`],
    '/members/:member/earnings': (member) => [
      `/members/${member}/earnings?from=2026-01`,
      `/members/${member}/earnings?by=day&from=2026-03-01&to=2026-03-12`,
    ],
    '/members/:member/growth': (member) => [`/members/${member}/growth?months=5`],
    '/members/:member/statement': (member) => ofMonths(`/members/${member}/statement`),
    '/settings': () => ['/settings'],
    '/months': () => ['/months'],
    '/months/:month': () => MONTHS.map((month) => `/months/${month}`),
  };
  /** Not of numbers in JSON: the list below is asked for too, and what explains need not be explained. */
  const OTHERS = [
    ...['/months/:month/drift', '/months/:month/snapshot', '/months/:month/snapshot.csv'],
    ...['/explain', '/members/:member/explain'],
  ];

  it('are there for every route of a community', () => {
    const prefix = 'GET /api/creators/:creator';
    const routes = routesOf(api.app).filter((route) => route.startsWith(prefix));
    const known = [...Object.keys(ASKED), ...OTHERS];
    expect(routes.map((route) => route.slice(prefix.length)).sort()).toEqual(known.sort());
  });

  it.each(Object.keys(ASKED))(
    'equal every number of GET …%s',
    async (route) => {
      const below = `/api/creators/:creator${route}`;
      const people = route.includes(':member') ? PEOPLE : [undefined];
      const met = new Set<string>();
      for (const member of people)
        for (const path of ASKED[route]?.(member ?? '') ?? [])
          for (const found of valuesOf(await read(`${PATH}${path}`), member)) {
            met.add(found.path);
            await isExplained(`${path}: ${found.path}`, explainsOf(below, found.path), found);
          }
      expect(met).not.toEqual(new Set());
    },
    240_000,
  );

  async function isExplained(
    what: string,
    explains: Explains | typeof NO_FIGURE | undefined,
    found: FoundValue,
  ): Promise<void> {
    if (explains === NO_FIGURE) return;
    // A field that the table does not know has no explanation yet.
    if (explains === undefined) throw new Error(`nothing explains ${what} = ${found.value}`);
    const question = explains(found);
    const { total, agrees, counted, sum } = await explained(question);
    expect({ what, ...question, total, agrees }).toEqual({
      ...{ what, ...question },
      ...{ total: found.value, agrees: true },
    });
    const adds = (counted as { contribution: number }[]).map(({ contribution }) => contribution);
    expect({ what, sum: adds.reduce((all, one) => all + one, 0) }).toEqual({ what, sum });
  }

  it('of the referrals of a month name as many referrers as the month says', async () => {
    const named = await Promise.all(
      MONTHS.map(async (month) => {
        const { referrers } = await read(`${PATH}?month=${month}`);
        const { counted } = await explained({ query: { figure: 'referrals', month } });
        const ids = (counted as { referrerId: string }[]).map(({ referrerId }) => referrerId);
        return { month, referrers, found: new Set(ids).size };
      }),
    );
    for (const { month, referrers, found } of named)
      expect({ month, referrers }).toEqual({ month, referrers: found });
    expect(named.some(({ found }) => found > 1)).toBe(true);
  });

  it('equal every cell of a snapshot', async () => {
    let cells = 0;
    for (const [month, version] of [
      ['2026-01', '1'],
      ['2026-01', '2'],
      ['2026-02', '1'],
      ['2026-03', '1'],
    ] as const) {
      const { payload } = await api.app.inject({
        url: `/api${PATH}/months/${month}/snapshot.csv?version=${version}`,
        headers: asAdmin,
      });
      const [head = [], ...rows] = payload
        .trim()
        .split('\r\n')
        .map((line) => line.split(','));
      for (const row of rows) {
        const of = Object.fromEntries(head.map((name, n) => [name, row[n] ?? '']));
        for (const [name, value] of Object.entries(of)) {
          if (value === '' || ['kind', 'memberId', 'name', 'month', 'currency'].includes(name))
            continue;
          const isStanding = ['rank', 'tier', 'totalReferrals'].includes(name);
          const query = {
            ...{ figure: name, month, version },
            ...(isStanding ? {} : { currency: of.currency || 'none' }),
            ...(!isStanding && of.month !== month && { origin: of.month ?? '' }),
          };
          const memberId = of.memberId || undefined;
          const { total, agrees } = await explained({ query, ...(memberId && { memberId }) });
          expect({ row, name, total: String(total), agrees }).toEqual({
            ...{ row, name, total: value, agrees: true },
          });
          cells += 1;
        }
      }
    }
    expect(cells).toBeGreaterThan(100);
  }, 120_000);
});
