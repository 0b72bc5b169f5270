/**
 * Break it and repair it: in the demo, each way in which the system before Flywheel went wrong is
 * found by a check, contradicted by an explanation from the log, and repaired by a replay, typed as
 * the program itself says.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { paid } from '../reference/told.js';
import { Client } from './client.js';
import {
  flywheel as command,
  newHome,
  type Running,
  removeHome,
  rowOf,
  startUp,
} from './running.js';

const LIMIT_MS = 300_000;
const FINDINGS = 2;
const NOT_ALLOWED = 77;

let home = '';
let flywheel: Running;
let repaired = '';
let log: unknown;

const LOG = `select count(*)::int as events, md5(string_agg(e::text, ',' order by position)) as digest
  from events e where type <> 'ReplayPromoted'`;

const top = async (): Promise<string> => (await command(home, ['top'])).stdout;

beforeAll(async () => {
  home = await newHome();
  flywheel = await startUp({ home, args: ['--demo'] });
  repaired = await top();
  log = await rowOf(home, LOG);
}, LIMIT_MS);

afterAll(async () => {
  await flywheel?.stop();
  await removeHome(home);
}, LIMIT_MS);

interface Broken {
  readonly month: string;
  readonly rows: readonly { readonly name: string; readonly memberId: string }[];
  readonly next: readonly string[];
}

/** What a reader of the table sees, and the checks that must name it. */
const WAYS = [
  {
    how: 'stale-month',
    seen: /Nicole King +52 +0 +\$0\.00/,
    checks: ['monthly-referrals', 'earnings-equal-commission', 'table-member-months'],
  },
  {
    how: 'drift',
    seen: /^ 1 +Kevin Gonzalez +53 /m,
    checks: ['table-rankings'],
  },
  {
    how: 'lost-row',
    seen: /^ 3 +Paul Martin +47 /m,
    checks: ['month-within-total', 'table-rankings'],
  },
  {
    how: 'rounding',
    seen: /Nicole King +52 +3 +\$99\.92/,
    checks: [
      'shares-sum-to-sale',
      'earnings-equal-commission',
      'table-lines',
      'table-member-months',
    ],
  },
] as const;

describe('the demo, broken on purpose', () => {
  it.each(WAYS)(
    'by $how is found, contradicted and repaired',
    async ({ how, seen, checks }) => {
      const broken = await said<Broken>(['demo', 'break', how], 0);
      expect(await top()).toMatch(seen);
      const [check, explain, replay] = broken.next.map((line) => line.split(' ').slice(1));

      const found = await said<Checked>(check, FINDINGS);
      expect(failing(found)).toEqual(expect.arrayContaining([...checks]));

      const explained = await said<Explained>(explain, FINDINGS);
      expect(explained).toMatchObject({ agrees: false });
      expect(explained.total).not.toEqual(explained.readModel);

      const looked = await command(home, [...(replay ?? [])]);
      expect(looked).toMatchObject({ code: FINDINGS });
      expect(await top()).toMatch(seen); // a look repairs nothing
      const plan = /flywheel replay --plan (\d+)/.exec(looked.stdout + looked.stderr)?.[1] ?? '';
      const promoted = await command(home, ['replay', '--plan', plan, '--reason', `demo: ${how}`]);
      expect(promoted).toMatchObject({ code: 0 });

      expect(await top()).toBe(repaired);
      expect(failing(await said<Checked>(['check'], 0))).toEqual([]);
      expect(await said<Explained>(explain, 0)).toMatchObject({ agrees: true });
      expect(await rowOf(home, LOG)).toEqual(log);
      const { reason } = await rowOf<{ reason: string }>(
        home,
        `select data ->> 'reason' as reason from events where type = 'ReplayPromoted'
          order by position desc limit 1`,
      );
      expect(reason).toBe(`demo: ${how}`);
    },
    LIMIT_MS,
  );

  it(
    'is the demo and nobody else’s ledger',
    async () => {
      const kept = async (name: string): Promise<string> =>
        (await readFile(path.join(home, name), 'utf8')).trim();
      const client = new Client(flywheel.url, await kept('admin-token'));
      const telling = paid('of_another', '2025-10-20T12:00:00Z', {
        creatorId: 'biz_another',
        userId: 'user_another',
        amount: '10',
      });
      const delivery = { deliveryId: 'msg_another', generation: 'v1', telling } as const;
      await client.deliver(delivery, await kept('webhook-secret'));
      await client.settled();
      client.close();
      for (const { how } of WAYS) {
        const { code, stderr } = await command(home, ['demo', 'break', how, '--json']);
        expect(code).toBe(NOT_ALLOWED);
        expect(stderr).toContain('"code":"not_a_demo"');
      }
      expect(await top2()).toBe(repaired);
    },
    LIMIT_MS,
  );
});

const top2 = async (): Promise<string> =>
  (await command(home, ['top', '--creator', 'biz_demo'])).stdout;

interface Checked {
  readonly checks: readonly {
    readonly name: string;
    readonly holds: boolean;
    readonly severity: string;
  }[];
}
const failing = ({ checks }: Checked): string[] =>
  checks.filter(({ holds, severity }) => !holds && severity === 'error').map(({ name }) => name);

interface Explained {
  readonly agrees: boolean;
  readonly total: unknown;
  readonly readModel: unknown;
}

/** The answer of a command as programs get it, if it ends as it should. */
async function said<T>(args: readonly string[] | undefined, code: number): Promise<T> {
  const answer = await command(home, [...(args ?? []), '--json']);
  expect({ args, code: answer.code, stderr: answer.code === code ? '' : answer.stderr }).toEqual({
    args,
    code,
    stderr: '',
  });
  return JSON.parse(answer.stdout.trim().split('\n').at(-1) ?? '');
}
