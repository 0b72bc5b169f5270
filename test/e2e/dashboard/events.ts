/** The log as people read it: narrowed, walked, followed and taken along. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { paid } from '../../reference/told.js';
import { until } from '../running.js';
import type { Demo } from './opened.js';

const CREATOR = 'biz_demo';
const NICOLE = 'user_1iujokz1cua8dp';
/** Somebody whom nobody else asks for: they are erased in the end. */
const STRANGER = 'user_seen_in_the_log';
const LOG = `/events?creator=${CREATOR}`;
const EVENTS = '/api/audit/events';
/** Less than a case may take: what was waited for in vain is said. */
const SHOWS_MS = 30_000;
/** Drawn at most, however long the list is. */
const DRAWN = 80;

interface Listed {
  readonly items: readonly {
    readonly id: string;
    readonly position: number;
    readonly cause: { readonly delivery: number | null };
  }[];
}

/** Runs in the page: the positions of the rows that are drawn, as one reads them. */
const POSITIONS = `[...document.querySelectorAll('main ol[aria-label="Events"] > li')].map((row) =>
  Number(row.firstElementChild.textContent.replace(/\\D/g, '')))`;
const FOCUSED = `document.activeElement.closest('li')?.firstElementChild.textContent.replace(/\\D/g, '')`;

/** They add a member who pays twice and is then erased; no referral, and nobody's figure but revenue. */
export function eventsCases(the: Demo): void {
  let known: number | undefined;
  /** A payment of the community, well inside of the log: which positions are its own differs from demo to demo. */
  const within = async (): Promise<number> => {
    if (known !== undefined) return known;
    const asked = { creator: CREATOR, type: 'PaymentReceived', order: 'oldest', limit: 500 };
    const { items } = await the().client.get<Listed>(EVENTS, asked);
    known = items.at(-1)?.position ?? 0;
    expect(known).toBeGreaterThan(500);
    return known;
  };
  const positions = (page: Page) => page.evaluate<number[]>(POSITIONS);
  const shows = (page: Page, wanted: (shown: readonly number[]) => boolean, what: string) =>
    until(what, async () => wanted(await positions(page)), SHOWS_MS);
  // Each time anew: a list that is read further ends elsewhere, and a page that has just been gone
  // to begins at its top, whenever the browser comes to it.
  const showsBelow = (page: Page, position: number, what: string) =>
    until(
      what,
      async () => {
        await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)');
        return ((await positions(page)).at(-1) ?? Number.POSITIVE_INFINITY) < position;
      },
      SHOWS_MS,
    );
  const pay = async (id: string, paidAt: string): Promise<void> => {
    const telling = paid(id, paidAt, { creatorId: CREATOR, userId: STRANGER, amount: '1.00' });
    const delivery = { deliveryId: `msg_${id}`, generation: 'v1', telling } as const;
    const secret = await the().kept('webhook-secret');
    expect((await the().client.deliver(delivery, secret)).status).toBe(200);
  };

  it('narrows the log by type and by member, and lets exactly that be taken along', async () => {
    const query = { creator: CREATOR, member: NICOLE, type: 'PaymentReceived' };
    const page = await the().open(LOG);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByLabel('Type', { exact: true }).selectOption('PaymentReceived');
    await page.getByRole('combobox', { name: 'Member', exact: true }).fill('nicole king');
    await page.getByRole('option', { name: /^Nicole King/ }).click();
    await page.getByRole('button', { name: 'Show these' }).click();
    await page.waitForURL(`**/events?*member=${NICOLE}*`);
    const told = await the().client.get<Listed>(EVENTS, { ...query, limit: 500 });
    const wanted = told.items.map(({ position }) => position);
    expect(wanted.length).toBeGreaterThan(5);
    await shows(page, (shown) => shown.join() === wanted.join(), 'only what passes is shown');
    const link = page.getByRole('link', { name: `NDJSON (${wanted.length}) of these events` });
    await link.waitFor();
    const file = await page.request.get(the().urlOf((await link.getAttribute('href')) ?? ''));
    const lines = (await file.text()).trimEnd().split('\n');
    const exported = lines.map((line) => (JSON.parse(line) as { position: number }).position);
    expect(exported).toEqual(wanted.toReversed());
    await page.getByRole('button', { name: 'Without member' }).click();
    await shows(page, (shown) => shown.length > wanted.length, 'more passes');
    expect(page.url()).not.toContain('member=');
    await page.close();
  });

  it('goes to a #position, on to older and to newer ones, and draws but a few of them', async () => {
    const page = await the().open(LOG);
    await shows(page, (shown) => shown.length > 5, 'the log is shown');
    await page.keyboard.press('/');
    const there = await within();
    await page.keyboard.type(`#${there}`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**pos=${there}*`);
    await shows(page, ([first]) => first === there, 'the list begins there');
    await page.getByRole('button', { name: /^Newer than/ }).click();
    await shows(page, (shown) => shown.some((one) => one > there), 'newer ones stand above');
    // What one looked at has not moved.
    await shows(page, (shown) => shown.includes(there), 'the one that was looked at is in sight');
    await showsBelow(page, there - 100, 'older ones were read');
    await showsBelow(page, there - 200, 'and older ones');
    const shown = await positions(page);
    expect(shown.length).toBeLessThan(DRAWN);
    expect(shown).toEqual(shown.toSorted((a, b) => b - a));
    await page.goBack();
    await shows(page, ([first = 0]) => first > 6_000, 'the newest again');
    await page.close();
  });

  it('says what is no place in the log, and finds the first that was recorded on a day', async () => {
    const page = await the().open(LOG);
    const field = page.getByRole('searchbox');
    await field.fill('whatever');
    await field.press('Enter');
    await page.getByText(/^A #position, a day/).waitFor();
    const { items } = await the().client.get<Listed>(EVENTS, { order: 'oldest', limit: 1 });
    await field.fill('2020-01-31');
    await field.press('Enter');
    await page.waitForURL(`**pos=${items[0]?.position}*`);
    await field.fill('2099-01-01');
    await field.press('Enter');
    await page.getByText('Nothing was recorded then or later.').waitFor();
    await page.close();
  });

  it('leads from a figure to the event that counts, to its delivery, and back', async () => {
    const asked = `creator=${CREATOR}&member=${NICOLE}&figure=monthlyReferrals&month=2025-10`;
    const page = await the().open(`/explain?${asked}`);
    const counted = page.getByRole('region', { name: /^Counted/ });
    await counted.getByRole('link', { name: /^#/ }).first().click();
    await page.waitForURL('**/events/*');
    await page.getByRole('heading', { level: 1, name: 'PaymentReceived' }).waitFor();
    const address = new URL(page.url()).pathname;
    const changed = page.getByRole('region', { name: 'Changed' });
    await changed.waitFor();
    expect(await changed.textContent()).toMatch(/Nicole King referrals, Oct 2025\s*\+1/);
    const facts = await page.locator('dl').first().textContent();
    expect([/E[DS]T/.test(facts ?? ''), /UTC/.test(facts ?? '')]).toEqual([true, true]);
    await page.getByRole('link', { name: /^Delivery / }).click();
    await page.getByRole('heading', { level: 1, name: /^Delivery / }).waitFor();
    await page.getByText('As it was sent').waitFor();
    await page.getByText('"payment.succeeded"').first().waitFor();
    const made = page.getByRole('region', { name: /^What it made/ });
    await made.getByRole('link', { name: /^#/ }).last().click();
    await page.waitForURL(`**${address}*`);
    await page.close();
  });

  it('follows what comes from outside without reloading, and says what is new to who is elsewhere', async () => {
    const page = await the().open(LOG);
    await page.getByText('live', { exact: true }).first().waitFor();
    await shows(page, (shown) => shown.length > 5, 'the log is shown');
    await page.evaluate('window.neverReloaded = true');
    const [before = 0] = await positions(page);
    await pay('seen_followed', '2025-10-26T17:31:00Z');
    await page.getByText('pay_seen_followed').waitFor();
    const [top = 0, ...others] = await positions(page);
    expect(top).toBeGreaterThan(before);
    expect(others).toContain(before);
    await page.evaluate('window.scrollTo(0, 3000)');
    const isAway = async () => !(await positions(page)).includes(top);
    await until('the top is out of sight', isAway);
    const inSight = (await positions(page)).at(20);
    const placeOf = `document.querySelector('main ol[aria-label="Events"] > li:nth-child(21)')
      .getBoundingClientRect().top`;
    const place = await page.evaluate<number>(placeOf);
    await pay('seen_elsewhere', '2025-10-26T17:32:00Z');
    const news = page.getByRole('button', { name: /^\d+ new$/ });
    await news.waitFor();
    // What one reads has stayed where it was.
    expect((await positions(page)).at(20)).toBe(inSight);
    expect(Math.abs((await page.evaluate<number>(placeOf)) - place)).toBeLessThan(2);
    await news.click();
    await page.getByText('pay_seen_elsewhere').waitFor();
    await until('nothing is new', async () => (await news.count()) === 0);
    expect(await page.evaluate('window.neverReloaded')).toBe(true);
    await page.close();
  });

  it('is walked, opened, entered and left by the keyboard alone', async () => {
    const page = await the().open(`/c/${CREATOR}`);
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.waitForURL('**/events?*');
    await shows(page, (shown) => shown.length > 5, 'the log is shown');
    for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
    const [, second] = await positions(page);
    expect(Number(await page.evaluate<string>(FOCUSED))).toBe(second);
    await page.keyboard.press('Enter');
    await page.waitForURL('**event=*');
    await page.getByRole('region', { name: 'Caused by' }).waitFor();
    expect(Number(await page.evaluate<string>(FOCUSED))).toBe(second);
    await page.keyboard.press('Enter');
    await until('the panel has the focus', async () =>
      page.evaluate<boolean>(`document.activeElement.id === 'event-panel'`),
    );
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Caused by' }).waitFor({ state: 'hidden' });
    expect(Number(await page.evaluate<string>(FOCUSED))).toBe(second);
    await page.close();
  });

  it('opens whatever id is pasted: of an event, a position, a membership, a payment', async () => {
    const { items } = await the().client.get<Listed>(EVENTS, {
      limit: 1,
      after: 100,
      order: 'oldest',
    });
    const page = await the().open(`/c/${CREATOR}`);
    const paste = async (text: string, choice: RegExp): Promise<void> => {
      await page.keyboard.press('Control+k');
      const field = page.getByPlaceholder('A member, pay_…, 2025-10, a page');
      await field.fill(text);
      await page.getByRole('button', { name: choice }).first().click();
      await field.waitFor({ state: 'hidden' });
    };
    await paste(items[0]?.id ?? '', /Open this event/);
    await page.waitForURL(`**/events/${items[0]?.id}*`);
    await page.getByText(`#${items[0]?.position}`).first().waitFor();
    const there = await within();
    await paste(`#${there}`, /Open this event/);
    await page.waitForURL(`**/events/${there}*`);
    await page.getByRole('region', { name: 'Caused by' }).waitFor();
    await paste('mem_01ysfpm1z0xkt3', /open their page/);
    await page.waitForURL('**/members/user_07gl05i17yiywh*');
    await paste('pay_0xlkwb90v72nmo', /Explain this payment/);
    await page.waitForURL('**/explain?*source=pay_0xlkwb90v72nmo*');
    await page.close();
  });

  it('says how a member’s figure came to be what it is', async () => {
    const page = await the().open(`/c/${CREATOR}/members/${NICOLE}?tab=history&of=referralCode`);
    const history = page.getByRole('table', { name: 'History' });
    await history.getByText('none → PHRH-WDTN').waitFor();
    await page.getByLabel('Figure').selectOption('monthlyReferrals');
    await page.waitForURL('**of=monthlyReferrals*');
    await history.getByText('0 → 1').waitFor();
    await history.getByRole('link', { name: /^#/ }).last().click();
    await page.waitForURL('**/events/*');
    await page.close();
  });

  it('shows creators the events that are theirs, and nobody what was sent but the admin', async () => {
    const own = await the().signedInAs({ role: 'creator', creatorId: CREATOR });
    const other = await the().signedInAs({ role: 'creator', creatorId: 'biz_of_nobody' });
    const page = await the().open('/events', own);
    await shows(page, (shown) => shown.length > 5, 'the log is shown');
    const all = await the().client.get<Listed>(EVENTS, { limit: 500 });
    const theirs = await the().client.get<Listed>(EVENTS, { limit: 500, creator: CREATOR });
    const hidden = all.items.filter(({ id }) => !theirs.items.some((one) => one.id === id));
    expect(hidden.length).toBeGreaterThan(0);
    const shown = await positions(page);
    expect(shown).toEqual(theirs.items.slice(0, shown.length).map(({ position }) => position));
    const event = await the().open(`/events/${await within()}`, own);
    await event.getByRole('region', { name: 'Caused by' }).waitFor();
    expect(await event.getByRole('link', { name: /^Delivery/ }).count()).toBe(0);
    expect(await event.getByText(/^Delivery \d/).count()).toBe(1);
    const nothing = await the().open('/events', other);
    await nothing.getByText('No event is so').waitFor();
    const refused = await the().open(`/events/${await within()}`, other);
    await refused.getByText('There is no such thing here').waitFor();
    await own.close();
    await other.close();
  });

  it('shows what was erased as erased', async () => {
    const { items } = await the().client.get<Listed>(EVENTS, {
      ...{ creator: CREATOR, member: STRANGER, type: 'PaymentReceived' },
    });
    const address = `/api/creators/${CREATOR}/members/${STRANGER}/personal-data`;
    expect((await the().client.order('DELETE', address)).status).toBe(200);
    const page = await the().open(`/deliveries/${items[0]?.cause.delivery}?creator=${CREATOR}`);
    await page.getByText('‹erased').waitFor();
    await page.goto(the().urlOf(`${LOG}&type=PersonalDataErased&member=${STRANGER}`));
    await page.getByText(/The personal data of .* were erased/).waitFor();
    await page.close();
  });
}
