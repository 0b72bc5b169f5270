/** A Flywheel whose read models hold a community of 100,000 members: for what pages take to show it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { shapeOf, tableName } from '#libs/projector';
import { register } from '#projections';
import { CREATOR, writeMillion } from '../bench/top/million.js';
import { newHome, ownerOf, type Running, removeHome, startUp } from '../e2e/running.js';

export { CREATOR };
export const MEMBERS = 100_000;
/** Of the vault that seals the names of the community. */
const DATA_KEY = Buffer.alloc(32, 'a key of the bench').toString('hex');

export interface Filled {
  readonly flywheel: Running;
  readonly adminToken: string;
  readonly stop: () => Promise<void>;
}

/** Starts one in a folder of its own. Nothing is in its log: no checks run, they would find that. */
export async function startFilled(): Promise<Filled> {
  const home = await newHome();
  const env = {
    FLYWHEEL_DATA_KEY: DATA_KEY,
    FLYWHEEL_RATE_LIMIT: 'off',
    FLYWHEEL_CHECK_INTERVAL_MINUTES: '0',
  };
  const flywheel = await startUp({ home, env });
  const stop = async (): Promise<void> => {
    await flywheel.stop();
    await removeHome(home);
  };
  try {
    await fill(home);
  } catch (error) {
    await stop();
    throw error;
  }
  const adminToken = readFileSync(path.join(home, 'admin-token'), 'utf8').trim();
  return { flywheel, adminToken, stop };
}

async function fill(home: string): Promise<void> {
  const client = new pg.Client(await ownerOf(home));
  await client.connect();
  try {
    const { rows } = await client.query<{ schema: string; month: string }>(
      `select schema, to_char(now() at time zone 'UTC', 'YYYY-MM') as month from projections where name = 'lines'`,
    );
    const [at] = rows;
    if (at === undefined) throw new Error('the read models are not there yet');
    await writeMillion(client, at.schema, register.map(shapeOf), {
      members: MEMBERS,
      month: at.month,
    });
    await writeDays(client, at.schema);
  } finally {
    await client.end();
  }
}

/** What the chart, the growth and the number of members are read from. */
async function writeDays(client: pg.Client, schema: string): Promise<void> {
  const table = (name: string): string => tableName(schema, name);
  await client.query(`insert into ${table('referrals')} (creator_id, member_id, kind, referrer_id, at, day, count)
    select creator_id, member_id, 'signUp', referrer_id, at, day, 1 from ${table('referrals')} where kind = 'conversion'`);
  await client.query(`insert into ${table('member_days')} (creator_id, member_id, day, currency, earned_minor, reversed_minor)
    select creator_id, referrer_id, day, 'usd', 499 * sum(count), 0
    from ${table('referrals')} where kind = 'conversion' group by 1, 2, 3`);
  await client.query(`insert into ${table('creator_days')} (creator_id, day, currency, sign_ups, referrals,
      reversed_referrals, initial_payments, initial_minor, recurring_payments, recurring_minor, organic_payments,
      organic_minor, referred_payments, referred_minor, refunds_minor, creator_minor)
    select creator_id, day, 'usd', 0, sum(count), 0, sum(count), 4990 * sum(count), 0, 0, 0, 0, sum(count),
      4990 * sum(count), 0, 3493 * sum(count)
    from ${table('referrals')} where kind = 'conversion' group by 1, 2`);
  for (const name of ['referrals', 'member_days', 'creator_days'])
    await client.query(`vacuum (analyze) ${table(name)}`);
  await client.query('checkpoint');
}
