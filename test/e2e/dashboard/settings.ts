/** Settings in the browser, growth against the same days, and what each of the four roles is offered. */
import { expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { seriousFindings } from '../browser.js';
import type { Projections } from '../client.js';
import type { Demo, Someone } from './opened.js';

const CREATOR = 'biz_demo';
const NICOLE = 'user_1iujokz1cua8dp';
const KEVIN = 'Kevin Gonzalez';
const OF = `?creator=${CREATOR}`;
const PLAN = 'Show what would change';
/** Where the demo's clock stands is October 26. */
const LATER = '2025-11-15';

/**
 * They leave rates that begin in November, a member pinned and unpinned again, and a token that is
 * revoked: no figure of any page is another.
 */
export function settingsCases(the: Demo): void {
  const regionText = (page: Page, name: string): Promise<string | null> =>
    page.getByRole('region', { name }).textContent();
  const as = async (who: Someone, look: (as: BrowserContext) => Promise<void>): Promise<void> => {
    const context = await the().signedInAs(who);
    try {
      await look(context);
    } finally {
      await context.close();
    }
  };
  const head = async (): Promise<number> =>
    (await the().client.get<Projections>('/api/admin/projections')).head;
  const sectionsOf = (page: Page): Promise<string[]> =>
    page.getByRole('navigation', { name: 'Settings' }).getByRole('link').allTextContents();

  it('compares a month that runs with the same days of the month before, and explains them', async () => {
    const { client, open } = the();
    const { soFar, sameDaysBefore } = await client.get<Record<'soFar' | 'sameDaysBefore', Days>>(
      `/api/creators/${CREATOR}/growth`,
    );
    expect(sameDaysBefore).toMatchObject({ month: '2025-09', throughDay: '2025-09-26' });
    const page = await open(`/c/${CREATOR}`);
    const growth = await regionText(page, 'Growth');
    const difference = sameDaysBefore.referrals - soFar.referrals;
    expect(growth).toContain(`\u2212${difference}`);
    expect(growth).toContain(`vs Sep 1 to 26: ${sameDaysBefore.referrals}`);
    await page.getByRole('link', { name: /referrals of September 2025, Sep 1 to 26/ }).click();
    await page
      .getByRole('heading', { name: `Why is “Referrals” ${sameDaysBefore.referrals}?` })
      .waitFor();
    expect(await page.getByText('up to Sep 26, 2025').count()).toBe(1);
    expect(await page.getByText(/the read model says/).textContent()).toContain(
      `the read model says ${sameDaysBefore.referrals}`,
    );
    await page.close();
  });

  it('changes rates from a day on, after it has shown what would change', async () => {
    const { client, open } = the();
    const page = await open(`/settings/general${OF}`);
    await page.getByRole('button', { name: 'Change… Rates' }).click();
    await page.waitForURL('**change=rates');
    const form = page.getByRole('form', { name: 'Change Rates' });
    await form.getByLabel('Member, %').fill('12.5');
    expect(await form.getByText('Together 102.5 %: they must be 100 %.').count()).toBe(1);
    expect(await form.getByRole('button', { name: PLAN }).isDisabled()).toBe(true);
    await form.getByLabel('Creator, %').fill('67.5');
    await form.getByText('From a day').click();
    await form.getByLabel('First day, in the creator’s zone').fill(LATER);
    const before = await head();
    await form.getByRole('button', { name: PLAN }).click();
    const plan = form.getByRole('region', { name: 'What would change' });
    await plan.getByText('12.5 % member, 67.5 % creator, 20 % platform').waitFor();
    expect(await head()).toBe(before);
    expect(await seriousFindings(page)).toEqual([]);
    // Another word is another plan.
    await form.getByLabel('Reason').fill('as agreed');
    expect(await plan.count()).toBe(0);
    await form.getByRole('button', { name: PLAN }).click();
    await form.getByRole('button', { name: 'Change rates' }).click();
    await page.getByText('Changed. The log has it as event').waitFor();
    const rates = page.getByRole('region', { name: 'Rates' });
    await rates.getByRole('listitem').getByText('12.5 % member').waitFor();
    expect(await rates.getByRole('listitem').textContent()).toContain('from Nov 15, 2025');
    const { settings } = await client.get<Settings>(`/api/creators/${CREATOR}/settings`);
    expect(settings.rates.inForce.memberBps).toBe(1000);
    expect(settings.rates.toCome).toMatchObject([{ value: { memberBps: 1250 } }]);
    await page.close();
  });

  it('says in words why a setting is refused, and keeps what was typed', async () => {
    // In a window of its own: what is refused is a complaint of the browser too.
    await as({ role: 'admin' }, async (admin) => {
      const page = await the().open(`/settings/general${OF}&change=timeZone`, admin);
      const form = page.getByRole('form', { name: 'Change Time zone' });
      await form.getByLabel('Time zone').fill('Europe/Atlantis');
      await form.getByRole('button', { name: PLAN }).click();
      const refused = form.getByRole('alert');
      await refused.waitFor();
      expect(await refused.textContent()).toContain('time_zone_unknown');
      expect(await refused.textContent()).toContain('request ');
      expect(await form.getByLabel('Time zone').inputValue()).toBe('Europe/Atlantis');
      await form.getByLabel('Time zone').fill('Europe/Lisbon');
      await form.getByRole('button', { name: PLAN }).click();
      await form.getByText(/America\/New_York → Europe\/Lisbon/).waitFor();
      await form.getByRole('button', { name: 'Cancel' }).click();
      await page.waitForURL((url) => !url.search.includes('change'));
    });
  });

  it('shows who is pinned, since when and by which event, and takes a pin back', async () => {
    const { client, open } = the();
    const page = await open(`/settings/tiers${OF}`);
    const pins = page.getByRole('table', { name: 'Pinned tiers' });
    const kevin = await pins.getByRole('row', { name: new RegExp(KEVIN) }).textContent();
    expect(kevin).toMatch(/Silver.*50.*Oct 26, 2025.*Gold begins with the new terms.*#.* by admin/);
    const { items } = await client.get<{ items: { memberId: string; name: string }[] }>(
      `/api/creators/${CREATOR}/members`,
      { tier: 'Unranked', limit: 1 },
    );
    const [somebody] = items;
    await page.getByRole('button', { name: 'Pin a tier…' }).click();
    const form = page.getByRole('form', { name: 'Pin a tier' });
    await form.getByLabel('Member').fill(somebody?.memberId ?? '');
    await form.getByLabel('Tier from now on').selectOption('Gold');
    await form.getByLabel('Reason').fill('to be tried');
    await form.getByRole('button', { name: PLAN }).click();
    await form.getByRole('button', { name: 'Pin to Gold' }).click();
    await page.getByText('is pinned. The log has it as event').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    const own = new RegExp(somebody?.name ?? 'nobody');
    await pins
      .getByRole('row', { name: own })
      .getByRole('button', { name: /Change…/ })
      .click();
    const change = page.getByRole('form', { name: /Change the pin of/ });
    await change.getByText('is pinned to Gold').waitFor();
    await change.getByLabel('Reason').fill('it was tried');
    await change.getByRole('button', { name: PLAN }).click();
    await change.getByRole('button', { name: 'Unpin' }).click();
    await page.getByText('is not pinned any more.').waitFor();
    await pins.getByRole('row', { name: own }).waitFor({ state: 'detached' });
    await page.close();
  });

  it('makes a token that is shown once, lets in, and ends for ever when it is revoked', async () => {
    const { open, urlOf } = the();
    const page = await open(`/settings/tokens${OF}`);
    const form = page.getByRole('form', { name: 'New token' });
    await form.getByLabel('Role').selectOption('auditor');
    await form.getByLabel('What for (name no person)').fill('tried in a browser');
    await form.getByRole('button', { name: 'Make the token' }).click();
    await page.getByText('This is the only time that it is shown.').waitFor();
    const token = (await page.getByLabel('the token', { exact: true }).textContent()) ?? '';
    expect(token).toMatch(/^fw_u_[\w-]{43}_\w{6}$/);
    expect(await seriousFindings(page)).toEqual([]);
    const asked = (): Promise<number> =>
      fetch(urlOf('/api/me'), { headers: { authorization: `Bearer ${token}` } }).then(
        ({ status }) => status,
      );
    expect(await asked()).toBe(200);
    await page.reload();
    const row = page.getByRole('row', { name: /tried in a browser/ });
    await row.waitFor();
    expect(await page.getByText(token).count()).toBe(0);
    await row.getByRole('button', { name: 'Revoke… tried in a browser' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke tried in a browser?' });
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    expect(await asked()).toBe(200);
    await row.getByRole('button', { name: /Revoke…/ }).click();
    await dialog.getByRole('button', { name: 'Revoke it' }).click();
    await row.getByText('revoked').waitFor();
    expect(await asked()).toBe(401);
    await page.close();
  });

  it('makes a link that lets a creator in, who sees their own and orders nothing', async () => {
    const { open, browser, urlOf } = the();
    const admin = await open(`/settings/people${OF}`);
    await admin.getByRole('button', { name: 'Make the link' }).click();
    const url = (await admin.getByLabel('the link', { exact: true }).textContent()) ?? '';
    await admin.close();
    const creator = await browser.newContext();
    const page = await creator.newPage();
    await page.goto(url);
    await page.waitForURL(`**/c/${CREATOR}`);
    await page.getByRole('table', { name: /Top referrers/ }).waitFor();
    await page.goto(urlOf('/settings/general'));
    await page.getByRole('heading', { name: 'Settings: General' }).waitFor();
    await page.getByText('America/New_York since the beginning').waitFor();
    expect(await sectionsOf(page)).toEqual(['General', 'Tiers', 'People']);
    expect(await page.getByRole('button', { name: /Change…/ }).count()).toBe(0);
    // Nor by an address that names a form.
    await page.goto(urlOf(`/settings/tiers${OF}&change=pin`));
    await page.getByRole('table', { name: 'Pinned tiers' }).waitFor();
    expect(await page.getByRole('form').count()).toBe(0);
    await page.goto(urlOf('/c/biz_another'));
    await page.getByText('There is no such thing here').first().waitFor();
    await creator.close();
  });

  it('shows an auditor everything but tokens, and offers no order', async () => {
    await as({ role: 'auditor' }, async (auditor) => {
      const page = await the().open(`/settings/general${OF}`, auditor);
      expect(await sectionsOf(page)).toEqual(['General', 'Tiers', 'Webhooks', 'People', 'About']);
      await page.getByText('You see everything here and change nothing').waitFor();
      for (const section of ['General', 'Tiers', 'Webhooks', 'People', 'About']) {
        await page.getByRole('link', { name: section, exact: true }).click();
        await page.getByRole('heading', { level: 1, name: `Settings: ${section}` }).waitFor();
        expect(await page.getByRole('button', { name: /Change|Pin|Make|Revoke/ }).count()).toBe(0);
      }
      await page.goto(the().urlOf(`/settings/tokens${OF}`));
      await page.getByText('Nothing to set here').waitFor();
    });
  });

  it('offers a member no settings', async () => {
    await as({ role: 'member', creatorId: CREATOR, memberId: NICOLE }, async (nicole) => {
      const page = await the().open(`/c/${CREATOR}/members/${NICOLE}`, nicole);
      expect(await page.getByRole('link', { name: 'Settings' }).count()).toBe(0);
      await page.goto(the().urlOf(`/settings/general${OF}`));
      await page.getByText('Nothing to set here').waitFor();
    });
  });

  it('says where Whop sends to, and what runs here', async () => {
    const page = await the().open(`/settings/webhooks${OF}`);
    const endpoint = page.getByLabel('the address of the endpoint', { exact: true });
    expect(await endpoint.textContent()).toBe(the().urlOf('/api/webhooks/whop'));
    const rows = page.getByRole('table', { name: 'Last deliveries' }).getByRole('row');
    expect(await rows.count()).toBe(21);
    await page.getByRole('link', { name: 'About', exact: true }).click();
    await page.getByRole('table', { name: 'Migrations' }).getByText('0001-ledger').waitFor();
    expect(await page.getByText(/^PostgreSQL \d+/).count()).toBe(1);
    await page.close();
  });
}

interface Days {
  readonly month: string;
  readonly throughDay: string;
  readonly referrals: number;
}
interface Settings {
  readonly settings: {
    readonly rates: {
      readonly inForce: { readonly memberBps: number };
      readonly toCome: readonly unknown[];
    };
  };
}
