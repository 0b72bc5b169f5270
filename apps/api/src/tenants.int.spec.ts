/**
 * Who sees what: every route of the router, asked by everybody about everybody. What each may call is
 * said here a second time, from docs/access.md, so that a slip in the table shows.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Question, questionsOf } from '../test/matrix.js';
import {
  A1,
  A2,
  ALPHA,
  B1,
  BETA,
  CANARIES,
  type Canary,
  maySee,
  NO_CREATOR,
  NO_MEMBER,
  type Tenants,
  tenants,
  type Visitor,
} from '../test/tenants.js';
import { routesOf } from './access.js';

/** A's id is the beginning of B's. */
const ANY_ALPHA = new RegExp(`${ALPHA}(?!_)`);
const ANY_BETA = new RegExp(BETA);
const NO_EVENT = '00000000-0000-4000-8000-000000000000';
const ANYBODY =
  /^(POST \/api\/webhooks\/|(POST|DELETE) \/api\/session$|GET \/(health|docs|openapi\.json|assets\/)|GET \*$)/;
const SIGNED_IN = /^GET \/api\/me$/;
const CRON = /^(GET|POST) \/api\/cron\//;
const OF_CREATOR = /^GET \/api\/(creators(\/|$)|audit\/|live$)/;
const OF_MEMBER =
  /^(GET \/api\/creators\/:creator\/members\/:member(\/|$)|PUT .*\/referral-code$|GET \/api\/(audit\/history|live)$)/;
const OF_AUDITOR = /^GET \/api\/admin\/diagnosis\//;

const MAY_CALL: Readonly<Record<Visitor['role'], readonly RegExp[]>> = {
  anonymous: [ANYBODY],
  admin: [/./],
  cron: [ANYBODY, SIGNED_IN, CRON],
  creator: [ANYBODY, SIGNED_IN, OF_CREATOR],
  auditor: [ANYBODY, SIGNED_IN, OF_CREATOR, OF_AUDITOR],
  member: [ANYBODY, SIGNED_IN, OF_MEMBER],
};
const mayCall = (role: Visitor['role'], route: string): boolean =>
  MAY_CALL[role].some((routes) => routes.test(route));

interface Answer {
  readonly visitor: Visitor;
  readonly route: string;
  readonly question: Question;
  readonly status: number;
  /** Every byte of it: headers too. */
  readonly bytes: string;
  readonly statements: readonly Statement[];
}
interface Statement {
  readonly text: string;
  readonly values: string;
}

describe('what each may see', () => {
  let world: Tenants;
  let routes: string[];
  let ids: { events: string[] };
  const answers: Answer[] = [];
  let running: Statement[] = [];
  const { query } = pg.Client.prototype;

  beforeAll(async () => {
    recordStatements((statement) => running.push(statement));
    world = await tenants();
    routes = routesOf(world.app);
    const [ours, theirs] = [
      await world.eventOf(ALPHA, 'PaymentReceived'),
      await world.eventOf(BETA, 'PaymentReceived'),
    ];
    ids = { events: [ours.position, ours.id, theirs.position, theirs.id, NO_EVENT, '999999'] };
    // Orders last: what is asked first is asked of the ledger as it was planted.
    const reads = routes.filter((route) => route.startsWith('GET ') && route !== 'GET /api/live');
    for (const route of reads)
      for (const visitor of world.visitors)
        for (const question of questionsOf(route, ids))
          answers.push(await ask(visitor, route, question));
    for (const route of routes.filter((one) => !one.startsWith('GET ')))
      for (const visitor of world.visitors)
        for (const question of orderQuestions(visitor, route))
          answers.push(await ask(visitor, route, question));
  }, 120_000);
  afterAll(async () => {
    pg.Client.prototype.query = query;
    await world.close();
  });

  /** Whoever may order it does so once: the matrix is about those who may not. */
  function orderQuestions({ role }: Visitor, route: string): Question[] {
    const all = questionsOf(route, ids);
    return mayCall(role, route) && role !== 'member' ? all.slice(0, 1) : all;
  }

  async function ask(visitor: Visitor, route: string, question: Question): Promise<Answer> {
    running = [];
    const response = await world.app.inject({
      method: question.method as 'GET',
      url: question.url,
      headers: visitor.headers,
      ...(question.payload === undefined ? {} : { payload: question.payload }),
    });
    const { date: _, 'content-length': __, ...headers } = response.headers;
    const body = response.body.replace(/"requestId":"[^"]*"/, '"requestId":""');
    const bytes = `${JSON.stringify(headers)}\n${body}`;
    return { visitor, route, question, status: response.statusCode, bytes, statements: running };
  }

  it('asks hundreds of questions, of every route', () => {
    expect(new Set(answers.map(({ route }) => route)).size).toBe(routes.length - 1);
    expect(answers.length).toBeGreaterThan(2_000);
  });

  it('refuses whoever may not call a route, and nobody else', () => {
    // A delivery without a signature is refused as somebody unknown is.
    const asked = answers.filter(({ route }) => !route.includes('/webhooks/'));
    const wrong = asked.filter(({ visitor, route, status }) => {
      const refused = visitor.role === 'anonymous' ? status === 401 : status === 403;
      return refused === mayCall(visitor.role, route);
    });
    expect(wrong.map(said)).toEqual([]);
  });

  it('fails nobody', () => {
    expect(answers.filter(({ status }) => status >= 500).map(said)).toEqual([]);
  });

  it('says of another’s what it says of nobody’s, byte for byte', () => {
    const known = new Map(answers.map((answer) => [keyOf(answer), answer]));
    const compared = answers.flatMap((answer) => {
      const { visitor, route } = answer;
      if (visitor.creator === undefined || !mayCall(visitor.role, route)) return [];
      const url = missing(answer.question.url, visitor, ids.events);
      const twin = known.get(keyOf({ ...answer, question: { ...answer.question, url } }));
      if (url === answer.question.url || twin === undefined) return [];
      return [{ answer, twin }];
    });
    expect(compared.length).toBeGreaterThan(300);
    const unlike = compared.filter(
      ({ answer, twin }) =>
        answer.status !== twin.status || veiled(answer, ids.events) !== veiled(twin, ids.events),
    );
    expect(unlike.map(({ answer, twin }) => `${said(answer)} / ${said(twin)}`)).toEqual([]);
  });

  it('answers 404 to whoever names another in a path', () => {
    const foreign = answers.filter(
      ({ visitor, route, question }) =>
        mayCall(visitor.role, route) &&
        visitor.creator !== undefined &&
        isForeign(visitor, question),
    );
    expect(foreign.length).toBeGreaterThan(100);
    expect(foreign.filter(({ status }) => status !== 404).map(said)).toEqual([]);
  });

  it('shows nobody what is another’s', () => {
    expect(leaksIn(answers)).toEqual([]);
  });

  it('shows each canary to those whom it concerns, or the search would prove nothing', () => {
    const unseen = CANARIES.filter(
      ({ text }) => !/usr|@|[,.]/.test(text) && !answers.some(({ bytes }) => bytes.includes(text)),
    );
    expect(unseen.map(({ text }) => text)).toEqual([]);
    const [name, share] = [canaryOf('Wombat of'), canaryOf('736879')];
    for (const visitor of world.visitors.filter((one) => one.name === 'member A1'))
      for (const { text } of [name, share])
        expect(answers.some((one) => one.visitor === visitor && one.bytes.includes(text))).toBe(
          true,
        );
  });

  it('names nobody to those whom they do not concern and who have not named them', () => {
    const strangers: Readonly<Record<string, readonly RegExp[]>> = {
      'creator A': [ANY_BETA, /user_[bq]1/],
      'auditor A': [ANY_BETA, /user_[bq]1/],
      'creator B': [ANY_ALPHA, /user_(a2|p1|p2)/],
      'member A1': [ANY_BETA, /user_(a2|p2|b1|q1)/],
      'member A2': [ANY_BETA, /user_(a1|p1|b1|q1)/],
      nobody: [ANY_BETA, ANY_ALPHA, /user_[abpq][12]/],
    };
    const named = answers.filter(({ visitor, question: { url }, bytes }) =>
      strangers[visitor.name]?.some((id) => !id.test(url) && id.test(bytes)),
    );
    expect(named.map(said)).toEqual([]);
  });

  it('tells nobody how to reach anybody', () => {
    const told = answers.filter(({ bytes, question }) =>
      CANARIES.some(
        ({ text }) => /usr|@/.test(text) && bytes.replaceAll(question.url, '').includes(text),
      ),
    );
    expect(told.map(said)).toEqual([]);
  });

  it('binds every statement over the figures of a tenant to that tenant', () => {
    const bound = answers.filter(
      ({ visitor, status }) => visitor.creator !== undefined && status === 200,
    );
    const over = bound.flatMap((answer) =>
      answer.statements
        .filter(({ text }) => /"rm_\d+"\.|\bprofiles\b/.test(text))
        .map((statement) => ({ answer, statement })),
    );
    expect(over.length).toBeGreaterThan(300);
    const loose = over.filter(({ answer: { visitor }, statement: { text, values } }) => {
      const own = visitor.creator === ALPHA ? ANY_ALPHA : ANY_BETA;
      const other = visitor.creator === ALPHA ? ANY_BETA : ANY_ALPHA;
      const said = `${text} ${values}`;
      return !/creator_id|snapshot/.test(text) || !own.test(said) || other.test(said);
    });
    expect(loose.map(({ answer, statement }) => `${said(answer)}: ${statement.text}`)).toEqual([]);
  });

  it('refuses a cursor that was made for another, or for another list', async () => {
    const visitor = (name: string) => world.visitors.find((one) => one.name === name) as Visitor;
    const list = `/api/creators/${ALPHA}/members`;
    const page = async (name: string, url: string) => {
      const { headers } = visitor(name);
      return world.app.inject({ method: 'GET', url, headers });
    };
    const cursorOf = async (name: string, url: string): Promise<string> =>
      (await page(name, url)).json<{ nextCursor: string }>().nextCursor;
    const own = await cursorOf('creator A', `${list}?limit=1`);
    expect((await page('creator A', `${list}?limit=2&cursor=${own}`)).statusCode).toBe(200);
    const edited = own.replace(/^./, (first) => (first === 'W' ? 'X' : 'W'));
    const others = [
      ['creator A', `${list}?cursor=${edited}`],
      ['creator A', `${list}?cursor=${own.split('.')[0]}`],
      ['creator A', `${list}?sort=totalReferrals&cursor=${own}`],
      ['creator A', `${list}?q=o&cursor=${own}`],
      ['creator A', `/api/creators/${ALPHA}/payments?cursor=${own}`],
      ['admin', `${list}?cursor=${own}`],
      ['auditor A', `${list}?cursor=${own}`],
      ['creator B', `/api/creators/${BETA}/members?cursor=${own}`],
    ] as const;
    for (const [name, url] of others) {
      const refused = await page(name, url);
      expect([url, refused.statusCode, refused.json<{ code: string }>().code]).toEqual([
        url,
        400,
        'cursor_invalid',
      ]);
    }
  });

  it('tells each live of their own alone', async () => {
    await world.app.listen(0, '127.0.0.1');
    const address = `${await world.app.getUrl()}/api/live`;
    const listening = await Promise.all(
      world.visitors
        .filter(({ role }) => mayCall(role, 'GET /api/live'))
        .map((visitor) => listenTo(address, visitor)),
    );
    const allPay = async () => {
      await world.pay(ALPHA, 'user_p1');
      await world.pay(ALPHA, 'user_p2');
      await world.pay(BETA, 'user_q1');
    };
    await allPay();
    const told = await world.ledger.store.head();
    await allPay(); // whoever hears of these has heard all that there was to hear of the others
    const heard = new Map<string, string>();
    for (const one of listening) heard.set(one.name, await one.heardPast(told));
    const names = [A1, A2, 'user_p1', 'user_p2', 'user_q1', ALPHA, BETA];
    const namedTo = (visitor: string) =>
      names.filter((name) => heard.get(visitor)?.includes(`"${name}"`));
    expect(namedTo('admin')).toEqual(names);
    for (const who of ['creator A', 'auditor A'])
      expect(namedTo(who)).toEqual([A1, A2, 'user_p1', 'user_p2', ALPHA]);
    expect(namedTo('creator B')).toEqual(['user_q1', BETA]);
    expect(namedTo('member A1')).toEqual([A1, ALPHA]);
    expect(namedTo('member A2')).toEqual([A2, ALPHA]);
  });
});

const PATIENCE_MS = 30_000;

/** Listens, and has been told where things stand. */
async function listenTo(address: string, { name, headers }: Visitor) {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(PATIENCE_MS)]);
  const reader = (await fetch(address, { headers, signal })).body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const until = async (isEnough: (events: readonly string[]) => boolean): Promise<void> => {
    while (!isEnough(text.split('\n\n').slice(0, -1))) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) throw new Error(`${name} hears no more`);
      text += decoder.decode(value, { stream: true });
    }
  };
  const isPast = (position: bigint) => (event: string) =>
    BigInt(/^id: (\d+)$/m.exec(event)?.[1] ?? 0) > position;
  await until((events) => events.some((event) => event.includes('event: figures')));
  return {
    name,
    /** All that is heard up to the first event past that position. */
    heardPast: async (position: bigint): Promise<string> => {
      await until((events) => events.some(isPast(position)));
      stop.abort();
      return text;
    },
  };
}

/** Wherever a canary is in what somebody received whom it does not concern, and who had not said it. */
const leaksIn = (answers: readonly Answer[]): string[] =>
  answers.flatMap((answer) =>
    CANARIES.filter((canary) => isLeak(answer, canary)).map(
      ({ text }) => `${said(answer)}: ${text}`,
    ),
  );
const isLeak = ({ visitor, question, bytes }: Answer, canary: Canary): boolean =>
  !maySee(visitor, canary) && !question.url.includes(canary.text) && bytes.includes(canary.text);

const canaryOf = (text: string): Canary => {
  const found = CANARIES.find((canary) => canary.text === text);
  if (found === undefined) throw new Error(`no canary is ${text}`);
  return found;
};

const said = ({ visitor, question, status }: Answer): string =>
  `${visitor.name} ${question.method} ${question.url} -> ${status}`;
const keyOf = ({ visitor, question }: Answer): string =>
  `${visitor.name} ${question.method} ${question.url}`;

/** Whether the path names one whom the visitor is not. */
function isForeign({ creator, member }: Visitor, { url }: Question): boolean {
  const [path = ''] = url.split('?');
  const [, ofCreator, ofMember] = /^\/api\/creators\/(\w+)(?:\/members\/(\w+))?/.exec(path) ?? [];
  if (ofCreator === undefined) return false;
  if (ofCreator !== creator) return true;
  return member !== undefined && ofMember !== undefined && ofMember !== member;
}

/** The same question about nobody. */
function missing(url: string, { creator, member }: Visitor, events: readonly string[]): string {
  const [ourPosition = '', ourId = '', theirPosition = '', theirId = ''] = events;
  const [position, id] = creator === ALPHA ? [theirPosition, theirId] : [ourPosition, ourId];
  const siblings = [A1, A2, B1].filter((one) => member !== undefined && one !== member);
  let about = url
    .replace(new RegExp(creator === ALPHA ? ANY_BETA : ANY_ALPHA, 'g'), NO_CREATOR)
    .replace(new RegExp(`/events/${position}$`), '/events/999999')
    .replace(id, NO_EVENT);
  // Of those who are in none of one's own communities, and of siblings.
  for (const one of member === undefined ? strangersTo(creator) : siblings)
    about = about.replaceAll(one, NO_MEMBER);
  return about;
}
const strangersTo = (creator: string | undefined): string[] => (creator === ALPHA ? [B1] : [A2]);

/** Without the names that were asked for. */
function veiled({ bytes, question: { url } }: Answer, events: readonly string[]): string {
  const asked = [BETA, NO_CREATOR, ALPHA, A1, A2, B1, NO_MEMBER, NO_EVENT, ...events];
  let text = bytes.replace(/at position \d+/, 'at position');
  for (const name of asked.filter((one) => one.length > 6 && url.includes(one)))
    text = text.replaceAll(name, '…');
  return text;
}

/** Every statement that any connection of this process runs from now on. */
function recordStatements(record: (statement: Statement) => void): void {
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first, second] = args;
    const named = first as { text?: string; values?: unknown };
    const text = typeof first === 'string' ? first : (named?.text ?? '');
    const values = textOf(typeof first === 'string' ? second : named?.values);
    record({ text, values });
    return (query as (...all: unknown[]) => unknown).apply(this, args);
  } as typeof query;
}

const textOf = (values: unknown): string =>
  JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? String(value) : value)) ?? '';
