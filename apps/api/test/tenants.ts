/**
 * Two communities that share a server and one person, planted through signed webhooks. Whatever is
 * theirs alone is a canary: a text that occurs nowhere else, or an amount that is a prime. Whoever
 * finds one in an answer to somebody whom it does not concern has found a leak.
 */
import { renderMembership, renderPayment, signRendered } from '#libs/ingestion';
import { drawCode } from '#libs/ledger';
import { TEST_SECRET, TEST_VAULT } from '#libs/testing';
import { importsModule } from '../src/imports.module.js';
import { replaysModule } from '../src/replays.module.js';
import { asAdmin, CRON_SECRET, NOW } from './in-memory-parts.js';
import { type RealApi, realApi } from './real-parts.js';

/** B's id begins like A's: whoever compares beginnings mixes them up. */
export const ALPHA = 'biz_alpha';
export const BETA = 'biz_alpha_b';
export const NO_CREATOR = 'biz_alpha_n';
export const [A1, A2, B1, NO_MEMBER] = ['user_a1', 'user_a2', 'user_b1', 'user_zz'] as const;

const FEBRUARY_5 = Date.UTC(2026, 1, 5, 12) / 1000;

interface Person {
  readonly creator: string;
  readonly user: string;
  /** Major units of their one payment: prime in minor units. */
  readonly paid: string;
  readonly by?: string;
  readonly word: string;
}

/** `word` is in their name, username and email. A1 is in both communities, as two different people. */
const PEOPLE: readonly Person[] = [
  { creator: ALPHA, user: A1, paid: '59155.87', word: 'Quokka' },
  { creator: ALPHA, user: A2, paid: '36282.79', word: 'Numbat' },
  { creator: ALPHA, user: 'user_p1', paid: '73687.87', by: A1, word: 'Wombat' },
  { creator: ALPHA, user: 'user_p2', paid: '86753.09', by: A2, word: 'Dugong' },
  { creator: BETA, user: B1, paid: '67004.17', word: 'Fossa' },
  { creator: BETA, user: 'user_q1', paid: '93414.59', by: B1, word: 'Tenrec' },
  { creator: BETA, user: A1, paid: '45724.73', by: B1, word: 'Aardwolf' },
];

export interface Canary {
  readonly text: string;
  readonly creator: string;
  /** Members of the community who may see it too. */
  readonly members: readonly string[];
}

const minorOf = (paid: string): bigint => BigInt(paid.replace('.', ''));
const grouped = (paid: string): string => paid.replace(/^(\d+)(\d{3}\.)/, '$1,$2');

/** Everything of a person: what they are called, what they paid, and the share of it. */
function canariesOf({ creator, user, paid, by, word }: Person): Canary[] {
  const share = (minorOf(paid) + 5n) / 10n;
  const concerned = [user, ...(by === undefined ? [] : [by])];
  const seen = (text: string, members: readonly string[]) => ({ text, creator, members });
  return [
    seen(`${word} of`, concerned),
    // How to reach them is nothing even of who referred them.
    seen(`${word.toLowerCase()}.usr`, [user]),
    seen(`${word.toLowerCase()}@mail.test`, [user]),
    seen(String(minorOf(paid)), concerned),
    seen(paid, concerned),
    seen(grouped(paid), concerned),
    ...(by === undefined ? [] : [seen(String(share), [by])]),
  ];
}

const revenueOf = (creator: string): Canary => ({
  text: String(
    PEOPLE.filter((one) => one.creator === creator).reduce(
      (sum, { paid }) => sum + minorOf(paid),
      0n,
    ),
  ),
  creator,
  members: [],
});

export const CANARIES: readonly Canary[] = [
  ...PEOPLE.flatMap(canariesOf),
  revenueOf(ALPHA),
  revenueOf(BETA),
];

export interface Visitor {
  readonly name: string;
  readonly role: 'anonymous' | 'admin' | 'creator' | 'member' | 'auditor' | 'cron';
  readonly creator?: string;
  readonly member?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether it may be seen by them; an admin sees all. */
export function maySee({ role, creator, member }: Visitor, canary: Canary): boolean {
  if (role === 'admin') return true;
  if (role === 'anonymous' || role === 'cron' || creator !== canary.creator) return false;
  return member === undefined || canary.members.includes(member);
}

export interface Tenants extends RealApi {
  readonly visitors: readonly Visitor[];
  /** Pays once more, signed, through the webhook; decided and projected. */
  pay(creator: string, user: string): Promise<void>;
  /** An event of the creator's, by position and id. */
  eventOf(creator: string, type: string): Promise<{ position: string; id: string }>;
}

export async function tenants(): Promise<Tenants> {
  const api = await realApi(NOW, ({ db, url, store, defaults }) => [
    importsModule({
      ...{ database: db, store, defaults, vault: TEST_VAULT },
      realClock: { now: () => NOW },
    }),
    replaysModule({ db, url, store, register: [] }),
  ]);
  for (const person of PEOPLE) await send(api, personJoins(person));
  await api.ledger.decide();
  for (const person of PEOPLE) await send(api, personPays(person, `pay_${person.word}`));
  await api.ledger.decide();
  for (const creator of [ALPHA, BETA]) {
    const { json } = await api.get(`/creators/${creator}/members`);
    const planted = PEOPLE.filter((one) => one.creator === creator);
    if (json.items.length !== planted.length) throw new Error(`not planted: ${creator}`);
    const closed = await api.post(`/creators/${creator}/months/2026-02/close`, {});
    if (closed.status !== 200) throw new Error(`not closed: ${JSON.stringify(closed.json)}`);
  }
  await api.get(`/creators/${BETA}`); // the read models have come so far
  let paid = 0;
  return {
    ...api,
    visitors: await visitorsOf(api),
    pay: async (creator, user) => {
      paid += 1;
      const found = PEOPLE.find((one) => one.creator === creator && one.user === user);
      if (found === undefined) throw new Error(`nobody is ${user} of ${creator}`);
      await send(api, personPays(found, `pay_more${paid}`));
      await api.ledger.decide();
    },
    eventOf: async (creator, type) => {
      const events = await api.ledger.events();
      const found = events.find(
        (one) => one.type === type && one.stream.startsWith(`member-${creator}.`),
      );
      if (found === undefined) throw new Error(`${creator} has no ${type}`);
      return { position: String(found.position), id: found.id };
    },
  };
}

const factsOf = ({ creator, user, by, word }: Person) => ({
  creatorId: creator,
  userId: user,
  membershipId: `mem_${word}`,
  name: `${word} of ${creator}`,
  username: `${word.toLowerCase()}.usr`,
  email: `${word.toLowerCase()}@mail.test`,
  createdAt: FEBRUARY_5,
  ...(by === undefined ? {} : { referralCode: drawCode(creator, by, 0) }),
});

const personJoins = (person: Person) =>
  renderMembership('v1', { ...factsOf(person), status: 'activated', joinedAt: FEBRUARY_5 - 60 });

const personPays = (person: Person, paymentId: string) =>
  renderPayment('v1', {
    ...factsOf(person),
    paymentId,
    status: 'succeeded',
    amount: person.paid,
    currency: 'usd',
    paidAt: FEBRUARY_5,
  });

/** As Whop does: signed, to the endpoint. */
async function send(api: RealApi, rendered: ReturnType<typeof personJoins>): Promise<void> {
  const { body, headers } = signRendered(rendered, { secret: TEST_SECRET, timestamp: NOW / 1000 });
  const answer = await api.app.inject({
    method: 'POST',
    url: '/api/webhooks/whop',
    headers: { 'content-type': 'application/json', ...headers },
    payload: body,
  });
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body}`);
}

async function visitorsOf(api: RealApi): Promise<Visitor[]> {
  const made = async (order: object): Promise<Visitor['headers']> => {
    const { status, json } = await api.post('/admin/tokens', order);
    if (status !== 201) throw new Error(JSON.stringify(json));
    return { authorization: `Bearer ${String(json.token)}` };
  };
  const creator = async (id: string) => made({ role: 'creator', creatorId: id });
  const member = async (id: string) => made({ role: 'member', creatorId: ALPHA, memberId: id });
  return [
    { name: 'nobody', role: 'anonymous', headers: {} },
    { name: 'admin', role: 'admin', headers: asAdmin },
    { name: 'creator A', role: 'creator', creator: ALPHA, headers: await creator(ALPHA) },
    { name: 'member A1', role: 'member', creator: ALPHA, member: A1, headers: await member(A1) },
    { name: 'member A2', role: 'member', creator: ALPHA, member: A2, headers: await member(A2) },
    { name: 'creator B', role: 'creator', creator: BETA, headers: await creator(BETA) },
    {
      name: 'auditor A',
      role: 'auditor',
      creator: ALPHA,
      headers: await made({ role: 'auditor', creatorId: ALPHA }),
    },
    { name: 'cron', role: 'cron', headers: { authorization: `Bearer ${CRON_SECRET}` } },
  ];
}
