/**
 * Whatever openapi.json allows and much that it does not, of everybody, against a real Flywheel:
 * never a failure, never anything of the inside. FLYWHEEL_FUZZ_SECONDS says for how long.
 */
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type FuzzedRequest,
  type Known,
  type OpenApi,
  requestsOf,
} from '../hostile/arbitraries.js';
import { INSIDE } from '../hostile/corpus.js';
import type { HistoryDelivery } from '../reference/histories.js';
import { paid } from '../reference/told.js';
import { inParallel } from './client.js';
import type { Secrets } from './running.js';
import { served } from './served.js';

const SECONDS = Number(process.env.FLYWHEEL_FUZZ_SECONDS ?? 12);
const SEED = Number(process.env.FLYWHEEL_SEED ?? 1);
const LIMIT_MS = 240_000 + 2_000 * SECONDS;
/** Requests of one try, at once. */
const AT_ONCE = 12;
const ANSWER_LIMIT_MS = 30_000;
/** Not at a loss: it says when to come again. */
const BUSY = new Set([
  ...['not_settled', 'exports_busy', 'explanations_busy', 'streams_busy', 'read_models_behind'],
]);

const cronOf = ({ token }: Secrets): string => `cron_${token}`;
const flywheel = served((of) => ({ CRON_SECRET: cronOf(of) }));
const { secrets } = flywheel;
let requests: fc.Arbitrary<FuzzedRequest>;
const tokens: Record<string, string | undefined> = {
  nobody: undefined,
  guess: 'fw_a_guess',
  admin: secrets.token,
  cron: cronOf(secrets),
};

beforeAll(async () => {
  for (const delivery of history()) await flywheel.client.deliver(delivery, secrets.secret);
  await flywheel.client.settled();
  const document = JSON.parse((await flywheel.client.ask('/openapi.json')).text) as OpenApi;
  await makeTokens(document);
  requests = requestsOf(document, known);
}, LIMIT_MS);

afterAll(() => agent.destroy());

/** Two communities of some members who bring each other. */
function* history(): Generator<HistoryDelivery> {
  for (const creatorId of ['biz_fuzz', 'biz_other']) {
    for (let n = 0; n < 6; n += 1) {
      const userId = `user_fuzz${n}`;
      const said = {
        creatorId,
        userId,
        membershipId: `mem_${creatorId}_${n}`,
        username: `fuzz${n}`,
      };
      const by = n === 0 ? {} : { affiliateUsername: `fuzz${n - 1}` };
      const telling = paid(`${creatorId}_${n}`, `2025-0${n + 1}-01T00:00:00Z`, { ...said, ...by });
      yield { deliveryId: `msg_${creatorId}_${n}`, generation: 'v2', telling };
    }
  }
}

const MEMBERS = ['user_fuzz0', 'user_fuzz1', 'user_fuzz5', 'user_nobody'];
const known: Known = {
  creator: ['biz_fuzz', 'biz_fuzz', 'biz_other', 'biz_nobody'],
  creatorId: ['biz_fuzz', 'biz_other'],
  member: MEMBERS,
  memberId: MEMBERS,
  userId: MEMBERS,
  referrerId: [...MEMBERS],
  referrer: MEMBERS,
  membership: ['mem_biz_fuzz_0', 'mem_nobody'],
  month: ['2025-01', '2025-03', '2025-06', '2026-01'],
  id: ['1', '2', '7', '0', 'member-biz_fuzz.user_fuzz0', 'user_fuzz0'],
  stream: ['member-biz_fuzz.user_fuzz0', 'creator-biz_fuzz', 'code-XXXX'],
  settled: ['d1', '1', '0'],
  reason: ['because it is so'],
};

/** A token of every role that there is. */
async function makeTokens({ paths }: OpenApi): Promise<void> {
  if (paths['/api/admin/tokens'] === undefined) return;
  const orders: Record<string, object> = {
    creator: { role: 'creator', creatorId: 'biz_fuzz' },
    member: { role: 'member', creatorId: 'biz_fuzz', memberId: 'user_fuzz1' },
    auditor: { role: 'auditor' },
  };
  for (const [who, order] of Object.entries(orders)) {
    const { status, text } = await flywheel.client.order('POST', '/api/admin/tokens', order);
    if (status !== 201) throw new Error(`no token of a ${who}: ${text}`);
    tokens[who] = (JSON.parse(text) as { token: string }).token;
  }
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** What is answered; of a stream that goes on, how it begins. */
function ask(
  { method, path, headers, body }: FuzzedRequest,
  token: string | undefined,
): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const options = {
    method,
    agent,
    headers: { ...headers, ...authorization },
    timeout: ANSWER_LIMIT_MS,
  };
  return new Promise((resolve, reject) => {
    const sent = http.request(new URL(path, flywheel.url), options, (response) => {
      const status = response.statusCode ?? 0;
      const type = response.headers['content-type'] ?? '';
      if (type.startsWith('text/event-stream')) {
        resolve({ status, type, text: '' });
        response.destroy();
        return;
      }
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status, type, text: Buffer.concat(parts).toString('utf8') }),
      );
    });
    sent.once('error', reject);
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    sent.end(body);
  });
}

/** What is wrong with an answer; nothing, mostly. */
function faultOf({ status, type, text }: Answer): string | undefined {
  if (status < 400) return undefined;
  if (!type.startsWith('application/problem+json')) return `${status} of type ${type}`;
  const problem = JSON.parse(text) as { code?: string; status?: number };
  if (problem.status !== status || !problem.code) return 'a problem that does not say what it is';
  if (status >= 500 && !BUSY.has(problem.code)) return `${status} ${problem.code}`;
  const inside = INSIDE.exec(text)?.[0];
  return inside === undefined ? undefined : `tells of its inside: ${inside}`;
}

describe('whatever is asked', () => {
  const asked = new Map<string, number>();
  const statuses = new Map<number, number>();
  const isWide = (): boolean => asked.size > 50 && (statuses.get(200) ?? 0) > 10;

  it(
    `in ${SECONDS} seconds is answered, and says nothing of the inside`,
    async () => {
      const callers = fc.constantFrom(...Object.keys(tokens));
      // What names nobody's route is asked by everybody; most of it by who may.
      const caller = fc.oneof(
        { weight: 3, arbitrary: fc.constant('admin') },
        { weight: 2, arbitrary: callers },
      );
      const several = fc.array(fc.tuple(requests, caller), { minLength: 1, maxLength: AT_ONCE });
      const isAnswered = fc.asyncProperty(several, async (them) => {
        const faults: string[] = [];
        await inParallel(them, AT_ONCE, async ([request, who]) => {
          const answer = await ask(request, tokens[who]);
          asked.set(request.route, (asked.get(request.route) ?? 0) + 1);
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          // A database that has too much to do is not ready; that it is at the end is asked below.
          const isProbe = request.path.startsWith('/health/ready') && answer.status === 503;
          const fault = isProbe ? undefined : faultOf(answer);
          if (fault !== undefined)
            faults.push(`${who}: ${fault}\n${JSON.stringify(request)}\n${answer.text}`);
        });
        expect(faults).toEqual([]);
      });
      const endOnFailure = process.env.FLYWHEEL_FUZZ_SECONDS === undefined;
      await fc.assert(isAnswered, {
        ...{ seed: SEED, numRuns: 1_000_000, endOnFailure },
        ...{ interruptAfterTimeLimit: SECONDS * 1_000, markInterruptAsFailure: false },
      });
      // A busy machine goes on until it has asked as widely as others have in that time.
      for (let more = 1; !isWide(); more += 1)
        await fc.assert(isAnswered, { seed: SEED + more, numRuns: 50, endOnFailure });
    },
    LIMIT_MS,
  );

  it('was every route, and more than refusals', () => {
    const told = [...statuses].sort(([a], [b]) => a - b).map((pair) => pair.join(': '));
    if (process.env.FLYWHEEL_FUZZ_SECONDS !== undefined)
      process.stdout.write(
        `${[...asked.values()].reduce((sum, n) => sum + n, 0)} requests to ${asked.size} routes of seed ${SEED}: ${told.join(', ')}\n`,
      );
    // How many there were in all is the machine's.
    expect(isWide()).toBe(true);
  });

  it('left a server that is well', async () => {
    expect((await flywheel.client.ask('/health/ready')).status).toBe(200);
    expect(
      (await flywheel.client.get<{ items: unknown[] }>('/api/creators')).items.length,
    ).toBeGreaterThan(0);
  });
});
