/**
 * Months and commissions in the browser. October is closed here, through the pages alone, and October
 * is what other cases look at: these are the last ones.
 */
import { expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { paid } from '../../reference/told.js';
import { seriousFindings } from '../browser.js';
import { until } from '../running.js';
import { DESK, type Demo, overflowPxOf } from './opened.js';

const CREATOR = 'biz_demo';
const PATH = `/c/${CREATOR}/months`;
const NICOLE = 'user_1iujokz1cua8dp';

const textOf = async (what: Locator): Promise<string> => (await what.textContent()) ?? '';
const tableOf = (page: Page, name: string): Locator =>
  page.getByRole('table', { name, exact: true });

export function monthsCases(the: Demo): void {
  it('lists the months with what was sealed of them, and says when the next closes by itself', async () => {
    const page = await the().open(PATH);
    const rows = page.getByRole('table', { name: 'Months' }).getByRole('row');
    await until('all months are there', async () => (await rows.count()) === 11);
    const [october, september] = [await textOf(rows.nth(1)), await textOf(rows.nth(2))];
    expect(october).toMatch(/^Oct 2025Open\d+/);
    expect(october).toContain('Close October…');
    expect(september).toMatch(/^Sep 2025Closed67.*\$1,744\.93.*[0-9a-f]{8}#.*none$/);
    const said = page.getByText('closes by itself');
    expect(await textOf(said)).toContain('grace 72 h');
    expect(await textOf(said)).toContain('Nov 3, 2025, 23:00:00');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${PATH}/2025-09`);
    await page.getByRole('heading', { level: 1, name: 'September 2025' }).waitFor();
    await page.close();
  });

  it('shows every member of a closed month as sealed, whose figures say why', async () => {
    const page = await the().open(`${PATH}/2025-09`);
    const members = page.getByRole('table', { name: 'Members, September 2025 as closed' });
    await members.getByRole('link', { name: 'Nicole King', exact: true }).waitFor();
    expect(await textOf(tableOf(page, 'September 2025 in USD'))).toMatch(
      /Referrals66.*Members’ earnings, net\$1,744\.93.*\$1,744\.93/,
    );
    // All of them, a page of the server after the other, and never more than a part is drawn.
    await until('the list is read to its end', async () => {
      await page.mouse.wheel(0, 30_000);
      return (await members.getAttribute('aria-rowcount')) === '691';
    });
    expect(await members.getByRole('row').count()).toBeLessThan(100);
    await page.evaluate('window.scrollTo(0, 0)');
    await members.getByRole('link', { name: /^\$169\.03 earnings of Nicole King/ }).click();
    await page.getByRole('heading', { name: /Why is “Earnings, net” \$169\.03/ }).waitFor();
    expect(page.url()).toContain('state=closed');
    await page.goBack();
    await page.getByRole('tab', { name: 'Versions and proof' }).click();
    await page.waitForURL('**tab=versions');
    await page.getByText(/^SHA-256 [0-9a-f]{64}$/).waitFor();
    await page.close();
  });

  it('shows sales with every share, and those that were taken back, at their own address', async () => {
    const page = await the().open(`/c/${CREATOR}/commissions?month=2025-09`);
    await page.getByText('Taken back', { exact: true }).click();
    await page.waitForURL('**status=reversed');
    const row = page.getByRole('row', { name: /Quinn Petrov/ });
    await row.waitFor();
    expect(await textOf(row)).toMatch(
      /\$79\.00.*−\$20\.00.*\$7\.90.*−\$2\.00.*\$55\.30.*−\$14\.00.*\$15\.80.*−\$4\.00/,
    );
    expect(await textOf(row)).toContain('the shares are the sale');
    await page.goto(the().urlOf(`/c/${CREATOR}/members/${NICOLE}?tab=commissions&month=2025-09`));
    await page.getByRole('row', { name: /Ravi Eriksen/ }).waitFor();
    await page.close();
  });

  it('shows an auditor the same, without the acts', async () => {
    const auditor = await the().signedInAs({ role: 'auditor' });
    const page = await the().open(`${PATH}/2025-10?act=close`, auditor);
    await page.getByText('Only an admin may close or restate a month.').waitFor();
    await page.getByRole('table', { name: 'October 2025 in USD' }).waitFor();
    expect(await page.getByRole('link', { name: /Close|Restate/ }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /Close|Restate/ }).count()).toBe(0);
    await page.goto(the().urlOf(PATH));
    await page.getByRole('table', { name: 'Months' }).waitFor();
    expect(await page.getByText('Close October…').count()).toBe(0);
    await auditor.close();
  });

  it('says of a month that is closed already that it is, and restates nothing for nothing', async () => {
    const page = await the().open(`${PATH}/2025-09?act=close`);
    await page.getByText('September 2025 is closed already').waitFor();
    await page.goto(the().urlOf(`${PATH}/2025-09?act=restate`));
    const plan = page.getByRole('button', { name: 'Plan it' });
    expect(await plan.isDisabled()).toBe(true);
    await page.getByLabel('Reason').fill('Learned late.');
    await plan.click();
    await page.getByText('there is nothing to restate').waitFor();
    await page.close();
  });

  it('says what was learned of a closed month, member by member, and states it anew by a plan', async () => {
    const page = await the().open(`${PATH}/2025-09?tab=since`);
    await page.getByText('Nothing was learned of this month after it was closed.').waitFor();
    const telling = paid('learned_late', '2025-09-15T12:00:00Z', {
      ...{ creatorId: CREATOR, userId: 'user_learned_late', amount: '49.99' },
      metadataCode: 'PHRH-WDTN',
    });
    const delivery = { deliveryId: 'msg_learned_late', generation: 'v1', telling } as const;
    const { status } = await the().client.deliver(delivery, await the().kept('webhook-secret'));
    expect(status).toBe(200);
    const drift = page.getByRole('table', { name: 'Drift of September 2025' });
    const [referrals, earned] = [/King.*Referrals/, /King.*Earned/].map((name) =>
      drift.getByRole('row', { name }),
    ) as [Locator, Locator];
    // Before one's eyes: nothing is reloaded.
    await referrals.waitFor({ timeout: 20_000 });
    expect(await textOf(referrals)).toMatch(/Referrals7.*8.*\+1/);
    expect(await textOf(earned)).toMatch(/\$169\.03.*\$174\.03.*\+\$5\.00/);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await seriousFindings(page)).toEqual([]);
    expect(await overflowPxOf(page)).toBe(0);
    await page.setViewportSize(DESK);
    await referrals.getByRole('link', { name: /^\+1/ }).click();
    await page.getByRole('heading', { name: /^Why is “Referrals” 1/ }).waitFor();
    await page.goto(the().urlOf(PATH));
    const september = page.getByRole('row', { name: /^Sep 2025/ });
    await september.getByRole('link', { name: 'pending' }).waitFor();
    expect(await textOf(september)).toMatch(/68.*67 as closed.*\+\$5\.00, \+1 referral/);
    await page.goto(the().urlOf(`${PATH}/2025-09`));
    await page.getByRole('link', { name: 'Restate…' }).click();
    await page.getByLabel('Reason').fill('The bank was late.');
    await page.getByRole('button', { name: 'Plan it' }).click();
    await page
      .getByText(/deliver(y|ies)/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Restate as version 2' }).click();
    await page.getByText('September 2025 is restated').waitFor();
    await page.getByText('Restated, version 2').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('tab', { name: 'Versions and proof' }).click();
    await page.getByRole('heading', { name: 'Version 1' }).waitFor();
    await page.getByText('“The bank was late.”').waitFor();
    await page.close();
  });

  it('closes October through its page alone: by a plan, with what stands in the way taken out of it', async () => {
    const page = await the().open(PATH);
    await page.getByRole('link', { name: 'Close October…' }).click();
    await page.waitForURL('**act=close');
    const close = page.getByRole('button', { name: 'Close October' });
    await page.getByText('2 things stand in the way.').waitFor();
    expect(await close.isDisabled()).toBe(true);
    const must = page.getByRole('list', { name: 'What must hold' });
    expect(await textOf(must)).toContain('The month has not ended in America/New_York');
    await excludeFirst(page, 'Nobody knows who that was.');
    await page.getByText('1 thing stands in the way.').waitFor();
    await excludeFirst(page, 'No such currency.');
    await page.getByText('It is not due yet.').waitFor();
    await page.getByLabel(/Close it before it is due/).check();
    await page.getByText('Say why it is closed early.').waitFor();
    expect(await close.isDisabled()).toBe(true);
    await page.getByLabel('Reason').fill('The books are wanted today.');
    expect(await textOf(tableOf(page, 'What will be sealed'))).toContain('Oct 2025, USD');
    await page.getByText(/Will be written: one seal/).waitFor();
    const planned = /[0-9a-f]{64}/.exec(await textOf(page.getByText(/Will be written/)))?.[0];
    await close.click();
    await page.getByText('October 2025 is closed', { exact: true }).waitFor();
    const done = page.getByRole('status').filter({ hasText: 'Its event is' });
    expect(await textOf(done)).toContain(planned ?? 'a digest');
    await page.getByRole('table', { name: 'Members, October 2025 as closed' }).waitFor();
    await page.reload();
    await page.getByText('October 2025 is closed already').waitFor();
    await page.goto(the().urlOf(`${PATH}/2025-10?tab=versions`));
    await page.getByText(`SHA-256 ${planned}`, { exact: true }).waitFor();
    await page.getByText('“The books are wanted today.”').waitFor();
    await page.goto(the().urlOf(`/c/${CREATOR}`));
    await page.getByText('closed and sealed').waitFor();
    await page.close();
  });
}

/** The first delivery that stands in the way is set aside, with a reason. */
async function excludeFirst(page: Page, reason: string): Promise<void> {
  await page
    .getByRole('button', { name: /^Exclude \d+…$/ })
    .first()
    .click();
  await page.getByLabel(/^Why delivery \d+ does not count/).fill(reason);
  await page.getByRole('button', { name: 'Exclude it' }).click();
}
