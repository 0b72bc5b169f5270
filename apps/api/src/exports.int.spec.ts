import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CREATOR, NEW_YORK, PATH, type Told, toldHistory } from '../test/history.js';
import { asAdmin } from '../test/in-memory-parts.js';
import type { Json } from '../test/real-parts.js';

const RUI = `${PATH}/members/user_rui`;
const LISTS = [
  ['top-referrers', `${PATH}/top-referrers`, 'top-referrers-2026-03-usd'],
  ['top-referrers of February', `${PATH}/top-referrers?month=2026-02`, 'top-referrers-2026-02-usd'],
  ['top-referrers in euros', `${PATH}/top-referrers?currency=eur`, 'top-referrers-2026-03-eur'],
  ['referrals', `${PATH}/referrals`, 'referrals'],
  ['payments', `${PATH}/payments`, 'payments'],
  [
    'payments of a month',
    `${PATH}/payments?month=2026-03&kind=initial`,
    'payments-2026-03-initial',
  ],
  ['members', `${PATH}/members`, 'members'],
  ['members of a tier', `${PATH}/members?tier=Star&sort=totalReferrals`, 'members'],
  ['referrals of a member', `${RUI}/referrals`, 'user_rui-referrals'],
  ['revenue', `${PATH}/revenue?from=2026-01`, 'revenue-2026-01-to-2026-03-usd'],
  ['growth', `${PATH}/growth`, 'growth-2025-10-to-2026-03'],
  ['growth of a member', `${RUI}/growth?months=1`, 'user_rui-growth-2026-03-to-2026-03'],
  ['earnings', `${RUI}/earnings?by=day`, 'user_rui-earnings-2026-03-01-to-2026-03-31-usd'],
  ['a statement', `${RUI}/statement`, 'user_rui-statement-2026-03'],
] as const;

describe('a list as CSV', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
  });
  afterAll(() => api.close());

  const csv = async (path: string, headers: Record<string, string> = { accept: 'text/csv' }) =>
    api.app.inject({ method: 'GET', url: `/api${path}`, headers: { ...asAdmin, ...headers } });

  it.each(LISTS)('says of %s what JSON says', async (_, path, name) => {
    const { items, asOf } = await api.read(path);
    const { statusCode, headers, body } = await csv(path);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="flywheel-${CREATOR}-${name}.csv"`,
      'flywheel-as-of': `position=${(asOf as Json).position}; recordedAt=${(asOf as Json).recordedAt}`,
      'flywheel-time-zone': NEW_YORK,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const [titles, ...rows] = parsed(body);
    expect(rows).toHaveLength(items.length);
    for (const [n, row] of rows.entries()) {
      const told = Object.fromEntries((titles ?? []).map((title, i) => [title, row[i]]));
      for (const [title, cell] of Object.entries(told))
        if (!title.startsWith('revers'))
          expect([title, cell]).toEqual([title, said(items[n], title)]);
    }
  });

  it('has its header when there is nothing to list', async () => {
    const { body } = await csv(`${PATH}/members/user_ivo/statement`);
    expect(body).toBe(
      'kind,at,day,paymentId,reversalId,paymentKind,memberId,memberName,currency,saleMinor,' +
        'amountMinor,balanceMinor\r\n',
    );
  });

  it('is asked for by a parameter too', async () => {
    const both = await csv(`${PATH}/growth?format=csv`, { accept: 'application/json' });
    expect(both.headers['content-type']).toContain('text/csv');
    const none = await csv(`${PATH}/growth?format=json`);
    expect(none.headers['content-type']).toContain('application/json');
  });

  it.each([
    [`${PATH}/members?limit=10`, 400, 'csv_not_paged'],
    [`${PATH}/members?tier=Gold`, 400, 'tier_unknown'],
    [`${PATH}/members?format=xml`, 400, 'input_invalid'],
    [`${PATH}/top-referrers?month=2026-04`, 400, 'month_in_future'],
    [`${PATH}/members/user_nobody/referrals`, 404, 'member_not_found'],
    [`${PATH}/members/user_nobody/statement`, 404, 'member_not_found'],
    ['/creators/biz_none/payments', 404, 'creator_not_found'],
  ])('of %s is refused like JSON, with a problem', async (path, status, code) => {
    const answer = await csv(path);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect([answer.statusCode, (answer.json() as Json).code]).toEqual([status, code]);
  });

  it('leaves no connection behind, answered, refused or headers only', async () => {
    for (let n = 0; n < 10; n++) {
      await csv(`${PATH}/members`);
      await csv(`${PATH}/members?tier=Gold`);
      const head = await api.app.inject({
        method: 'HEAD',
        url: `/api${PATH}/members`,
        headers: { ...asAdmin, accept: 'text/csv' },
      });
      expect(head.statusCode).toBe(200);
    }
  });
});

/** Of a field, or of a person that the row names: `memberName` is the name of `member`. */
function said(item: Json | undefined, title: string): string {
  const [, person = '', field = ''] = /^(member|referrer)(Id|Name)$/.exec(title) ?? [];
  const named = item?.[person] as Json | null | undefined;
  const value =
    title === 'pinned' && item?.pinned === undefined
      ? item?.tierPin !== null
      : typeof named === 'object' && named !== null
        ? named[field === 'Id' ? 'memberId' : 'name']
        : item?.[title];
  return value === null || value === undefined ? '' : String(value);
}

/** RFC 4180, read by other means than it was written. */
function parsed(text: string): string[][] {
  expect(text.endsWith('\r\n')).toBe(true);
  return text
    .slice(0, -2)
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
}
