/** The operations as people meet them: what is broken is found, repaired and decided in a browser alone. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { overhear, seriousFindings } from '../browser.js';
import { flywheel as command } from '../running.js';
import { DESK, type Demo, overflowPxOf } from './opened.js';

const CREATOR = 'biz_demo';
const NICOLE = 'Nicole King';
/** Of whom the first counter-examples tell. */
const KEVIN = 'Kevin Gonzalez';
const REASON = 'This month was never counted.';
const LIMIT_MS = 300_000;
/** For a replay to be built and compared, or switched to: machines that test are busy. */
const REPLAY_MS = 90_000;
const PHONE = { width: 320, height: 640 };
const TOP = `/api/creators/${CREATOR}/top-referrers`;

interface Top {
  readonly items: readonly { readonly name: string; readonly monthlyReferrals: number }[];
}

export function operationsCases(the: Demo): void {
  const open = (address: string): Promise<Page> => the().open(address);
  const top = async (): Promise<Top['items']> =>
    (await the().client.get<Top>(TOP, { month: '2025-10' })).items.slice(0, 3);

  it(
    'finds what `demo break` breaks, shows it, repairs it and is green again, without a shell',
    async () => {
      const before = await top();
      expect((await command(the().home, ['demo', 'break', 'stale-month'])).code).toBe(0);
      const broken = await top();
      expect(broken.map(({ monthlyReferrals }) => monthlyReferrals)).toEqual([0, 0, 0]);

      const page = await open('/ops');
      await page.getByRole('button', { name: 'Run all checks' }).click();
      await page.getByRole('link', { name: /^\d+ fail$/ }).click();
      await page.waitForURL('**/ops/checks?show=failing');
      await page.getByRole('link', { name: 'table-member-months' }).click();
      const example = page.getByRole('table', { name: 'Counter-examples' }).getByRole('row');
      await example.filter({ hasText: KEVIN }).getByText('no such row').waitFor();
      await example.filter({ hasText: KEVIN }).getByRole('link', { name: 'Explain' }).click();
      await page.getByText('The read model says something else').waitFor();
      await page.goBack();

      await page.getByRole('link', { name: 'Repair by a replay…' }).click();
      await page.getByLabel('Reason').fill(REASON);
      await page.getByRole('button', { name: 'Build and compare' }).click();
      await page.waitForURL('**/ops/runs/*');
      const found = page.getByRole('heading', { name: /^\d+ rows differ from what the log says$/ });
      await found.waitFor({ timeout: REPLAY_MS });
      const row = page
        .getByRole('table', { name: 'Rows that differ' })
        .getByRole('row')
        .filter({ hasText: NICOLE });
      await row.first().getByText('no row').waitFor();
      expect(await row.allTextContents()).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/earned.*no row.*\$\d+\.\d\d.*\+\$\d+\.\d\d/),
        ]),
      );
      await looksWell(page);
      // Looking has changed nothing.
      expect(await top()).toEqual(broken);

      await page.getByRole('button', { name: 'Switch', exact: true }).click();
      const happened = page.getByRole('region', { name: 'What happened' });
      await happened.waitFor({ timeout: REPLAY_MS });
      const event = happened.getByRole('link', { name: /^ReplayPromoted #/ });
      const position = /\/events\/(\d+)$/.exec((await event.getAttribute('href')) ?? '')?.[1];
      expect(await the().client.get(`/api/audit/events/${position}`)).toMatchObject({
        type: 'ReplayPromoted',
        stored: { data: { reason: REASON } },
      });
      expect(await happened.textContent()).toContain(REASON);

      await page.getByRole('link', { name: 'See the checks' }).click();
      await page.getByRole('button', { name: 'Run all checks' }).click();
      await page.getByText(/^Run in /).waitFor();
      expect(await page.getByText(/^fails, /).count()).toBe(0);
      await page.getByRole('heading', { name: /^\d+ of \d+ hold$/ }).waitFor();
      expect(await page.getByRole('link', { name: 'Repair by a replay…' }).count()).toBe(0);
      expect(await top()).toEqual(before);
      await page.getByRole('link', { name: 'Overview' }).click();
      const shown = `${before[0]?.monthlyReferrals} this month, ${NICOLE}: why?`;
      await page.getByRole('link', { name: shown }).waitFor();
      await page.close();
    },
    LIMIT_MS,
  );

  it(
    'rebuilds one read model alone, finds that nothing differs, and discards what it built',
    async () => {
      const page = await open('/ops/projections/rankings');
      await page.getByRole('link', { name: 'Rebuild (dry run)…' }).click();
      await page.waitForURL('**/ops/runs?rebuild=rankings');
      await page.getByRole('button', { name: 'Build and compare' }).click();
      await page.getByRole('heading', { name: 'Nothing differs' }).waitFor({ timeout: REPLAY_MS });
      expect(await page.getByRole('button', { name: 'Switch', exact: true }).isDisabled()).toBe(
        true,
      );
      await page.getByRole('button', { name: 'Discard' }).click();
      await page.getByText('It was discarded: what serves is as it was').waitFor();
      expect(await page.getByRole('button', { name: 'Switch', exact: true }).count()).toBe(0);
      await page.close();
    },
    LIMIT_MS,
  );

  it(
    'says first what would become of a delivery, sets it aside with a reason, and takes that back',
    async () => {
      const page = await open('/ops/quarantine?status=quarantined');
      await page.getByRole('table', { name: 'Deliveries' }).getByRole('link').first().click();
      await page.waitForURL('**/ops/quarantine/*');
      await page.getByText('[masked text]').first().waitFor();
      await page.getByRole('button', { name: 'Redrive…' }).click();
      await page.getByText('it would be quarantined again: currency_unknown').waitFor();
      await looksWell(page);
      await page.getByRole('button', { name: 'Exclude…' }).click();
      await page.waitForURL('**?order=exclude');
      expect(await page.getByRole('button', { name: 'Exclude', exact: true }).isDisabled()).toBe(
        true,
      );
      await page.getByLabel('Reason').fill('A currency of a test.');
      await page.getByRole('button', { name: 'Exclude', exact: true }).click();
      await page.getByRole('heading', { name: 'excluded' }).waitFor();
      await page.getByText('Excluded by admin, when it was quarantined').waitFor();
      await page.getByRole('button', { name: 'Redrive…' }).click();
      await page.getByRole('button', { name: 'Redrive', exact: true }).click();
      await page.getByRole('heading', { name: 'quarantined' }).waitFor();
      await page.close();
    },
    LIMIT_MS,
  );

  it(
    'shows an auditor all of it, and offers nothing that they may not order',
    async () => {
      const auditor = await the().signedInAs({ role: 'auditor' });
      const heard = await overhear(auditor, new URL(the().urlOf('/')).origin);
      const page = await the().open('/ops', auditor);
      await page.getByRole('table', { name: 'Read models' }).waitFor();
      expect(await page.getByRole('link', { name: 'Rebuild (dry run)…' }).count()).toBe(0);
      await page.getByRole('link', { name: 'All of them' }).click();
      await page.getByRole('table', { name: 'Replays' }).getByRole('link').last().click();
      await page.getByRole('region', { name: 'What happened' }).getByText(REASON).waitFor();
      await page.goto(the().urlOf('/ops/quarantine'));
      const listed = page.getByRole('table', { name: 'Deliveries' });
      await listed.getByText('currency_unknown').waitFor();
      expect(await listed.getByRole('link').count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Redrive these…' }).count()).toBe(0);
      await page.goto(the().urlOf('/ops/quarantine/1'));
      await page.getByText('What people sent is for admins').waitFor();
      expect(heard).toEqual({ complaints: [], strangers: [] });
      await auditor.close();

      const creator = await the().signedInAs({ role: 'creator', creatorId: CREATOR });
      const theirs = await the().open('/ops', creator);
      await theirs.getByText('This is for who runs the ledger').waitFor();
      expect(await theirs.getByRole('link', { name: 'Operations' }).count()).toBe(0);
      await creator.close();
    },
    LIMIT_MS,
  );

  it(
    'says which question failed, with its code and id, while all others are answered',
    async () => {
      const alone = await the().browser.newContext({ viewport: DESK });
      const data = { token: await the().kept('admin-token') };
      await alone.request.post(the().urlOf('/api/session'), { data });
      const problem = { code: 'overloaded', detail: 'Too much at once.', requestId: 'req-of-test' };
      await alone.route('**/api/admin/deliveries?*', (route) =>
        route.fulfill({ status: 500, json: problem }),
      );
      const page = await the().open('/ops', alone);
      const failed = page.getByRole('region', { name: 'Quarantine' }).getByRole('alert').first();
      await failed.waitFor();
      expect(await failed.textContent()).toMatch(/Too much at once\..*req-of-test · overloaded/);
      expect(await page.getByRole('table', { name: 'Read models' }).isVisible()).toBe(true);
      await alone.unroute('**/api/admin/deliveries?*');
      await failed.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('1 parked, 1 quarantined').waitFor();
      await alone.close();
    },
    LIMIT_MS,
  );
}

/** For everybody, in light and dark, and on a phone. */
async function looksWell(page: Page): Promise<void> {
  for (const [colorScheme, viewport] of [
    ['dark', PHONE],
    ['light', DESK],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    const overflowPx = await overflowPxOf(page);
    const found = await seriousFindings(page);
    expect({ colorScheme, found, overflowPx }).toEqual({ colorScheme, found: [], overflowPx: 0 });
  }
}
