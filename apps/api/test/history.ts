/** A small history in two communities, and the API over it: figures that can be counted by hand. */
import { type PaymentFacts, renderMembership, renderPayment } from '#libs/ingestion';
import { drawCode } from '#libs/ledger';
import { type Json, type RealApi, realApi } from './real-parts.js';

export const CREATOR = 'biz_a';
export const PATH = `/creators/${CREATOR}`;
/** In New York the last minutes of March. */
const MARCH_31 = Date.UTC(2026, 3, 1, 3, 30);
export const FEBRUARY_15 = Date.UTC(2026, 1, 15);
export const APRIL_15 = Date.UTC(2026, 3, 15);

const at = (iso: string): number => Date.parse(iso) / 1000;
export const codeOf = (user: string, creatorId = CREATOR): string =>
  drawCode(creatorId, `user_${user}`, 0);

const NAMES: Readonly<Record<string, string>> = { rui: 'Rui Águas', ana: 'Ana', bob: 'Bob 100%' };

function paid(
  user: string,
  id: string,
  paidAt: string,
  amount: string,
  rest: Partial<PaymentFacts> & { by?: string } = {},
) {
  const { by, ...facts } = rest;
  return renderPayment('v1', {
    creatorId: CREATOR,
    userId: `user_${user}`,
    membershipId: `mem_${user}`,
    name: NAMES[user],
    paymentId: `pay_${id}`,
    status: 'succeeded',
    amount,
    currency: 'usd',
    paidAt: at(paidAt),
    createdAt: at(paidAt),
    ...(by === undefined ? {} : { referralCode: codeOf(by, facts.creatorId) }),
    ...facts,
  });
}

/**
 * A small history, in New York. Conversions: bob (Feb 5) and dan (Mar 3, in euros) by rui; cy (Feb 6)
 * and eve (Mar 31, April in UTC) by ana; gil by zoe and hal by yan in the same second of Mar 10.
 */
const HISTORY = [
  paid('rui', 'rui1', '2026-01-10T12:00:00Z', '10.00'),
  paid('ana', 'ana1', '2026-01-11T12:00:00Z', '10.00'),
  paid('zoe', 'zoe1', '2026-01-12T12:00:00Z', '10.00'),
  paid('yan', 'yan1', '2026-01-13T12:00:00Z', '10.00'),
  paid('bob', 'bob1', '2026-02-05T12:00:00Z', '49.99', { by: 'rui' }),
  paid('cy', 'cy1', '2026-02-06T12:00:00Z', '49.99', { by: 'ana' }),
  paid('dan', 'dan1', '2026-03-03T12:00:00Z', '20.00', { by: 'rui', currency: 'eur' }),
  paid('bob', 'bob2', '2026-03-05T12:00:00Z', '49.99'),
  paid('gil', 'gil1', '2026-03-10T12:00:00Z', '30.00', { by: 'zoe' }),
  paid('hal', 'hal1', '2026-03-10T12:00:00Z', '30.00', { by: 'yan' }),
  paid('eve', 'eve1', '2026-04-01T02:30:00Z', '49.99', { by: 'ana' }),
  paid('ivo', 'ivo1', '2026-03-12T12:00:00Z', '5.00', { status: 'failed', paidAt: null }),
  renderMembership('v1', {
    creatorId: CREATOR,
    userId: 'user_fay',
    membershipId: 'mem_fay',
    username: 'fay.w',
    status: 'activated',
    joinedAt: at('2026-03-20T12:00:00Z'),
    createdAt: at('2026-03-20T12:00:00Z'),
    referralCode: codeOf('rui'),
  }),
];

/** In another community, three who are equal at the end of February, and have one more each in March. */
const elsewhere = (user: string, id: string, paidAt: string, by?: string) =>
  paid(user, id, paidAt, '7.00', { creatorId: 'biz_b', membershipId: `mem_${id}`, by });
const OTHER_HISTORY = [
  elsewhere('rui', 'b1', '2026-01-02T12:00:00Z'),
  elsewhere('ana', 'b2', '2026-01-02T12:00:00Z'),
  elsewhere('joe', 'b3', '2026-02-02T12:00:00Z', 'rui'),
  elsewhere('kim', 'b4', '2026-02-03T12:00:00Z', 'ana'),
  elsewhere('lea', 'b5', '2026-03-02T12:00:00Z', 'rui'),
  elsewhere('max', 'b6', '2026-03-03T12:00:00Z', 'ana'),
  elsewhere('abe', 'b7', '2026-01-02T12:00:00Z'),
  elsewhere('ned', 'b8', '2026-02-04T12:00:00Z', 'abe'),
  elsewhere('oto', 'b9', '2026-03-04T12:00:00Z', 'abe'),
];

export const NEW_YORK = 'America/New_York';

export interface Told extends RealApi {
  /** At another time; otherwise it is the last half hour of March in New York. */
  during<T>(now: number, work: () => Promise<T>): Promise<T>;
  /** What is answered; throws when it is refused. */
  read(path: string): Promise<Json>;
  /** All items, a page of one after the other. */
  oneByOne(path: string): Promise<Json[]>;
}

export async function toldHistory(): Promise<Told> {
  const api = await realApi(MARCH_31);
  const tiers = [
    { name: 'Starter', from: 1 },
    { name: 'Star', from: 2 },
  ];
  await api.put(`${PATH}/settings`, { timeZone: NEW_YORK, tiers, effectiveAt: 'beginning' });
  await api.ledger.deliver(...HISTORY, ...OTHER_HISTORY);
  await api.ledger.decide();
  const unbooked = (await api.ledger.outcomes()).filter(({ outcome }) =>
    ['pending', 'ignored', 'parked', 'quarantined'].includes(outcome),
  );
  if (unbooked.length > 0) throw new Error(`not booked: ${JSON.stringify(unbooked)}`);
  const read = async (path: string): Promise<Json> => {
    const { status, json } = await api.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  };
  return {
    ...api,
    read,
    during: async (now, work) => {
      api.setNow(now);
      try {
        return await work();
      } finally {
        api.setNow(MARCH_31);
      }
    },
    oneByOne: async (path) => {
      const items: Json[] = [];
      const first = `${path}${path.includes('?') ? '&' : '?'}limit=1`;
      for (let asked: string | undefined = first; asked !== undefined; ) {
        const page: Json = await read(asked);
        if (page.items.length !== 1) throw new Error(`${asked}: ${page.items.length} items`);
        items.push(...page.items);
        asked = page.nextCursor === null ? undefined : `${first}&cursor=${page.nextCursor}`;
      }
      return items;
    },
  };
}
