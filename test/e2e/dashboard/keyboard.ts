/** Pages by the keyboard alone: what one can click is reached by it, in sight, and left again. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { seriousFindings } from '../browser.js';
import type { Demo } from './opened.js';

const CREATOR = 'biz_demo';
/** More than any of the pages below has: whoever is still inside is held there. */
const MOST_TABS = 250;

/**
 * Runs in the page. What looks as if it could be clicked and has no place in the order of the keyboard;
 * and what has one, and looks no different there. Rows of tabs and the like are walked by arrows.
 */
const BEYOND = `(() => {
  const found = [];
  const nameOf = (one) => one.tagName.toLowerCase() + ' ' +
    (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 40);
  const walked = '[role=tablist] [role=tab], [role=listbox] *, [role=menu] *, [role=tree] *';
  const takes = (one) => one.matches('a[href], button, input, select, textarea, summary, [tabindex]');
  const inSight = (one) => one.checkVisibility({ visibilityProperty: true }) &&
    one.getClientRects().length > 0;
  const control = (one) => one.closest('label')?.control ??
    one.closest('a[href], button, input, select, textarea, summary, [tabindex]');
  for (const one of document.querySelectorAll('body *')) {
    if (!inSight(one) || getComputedStyle(one).cursor !== 'pointer') continue;
    const by = control(one);
    if (by?.disabled || one.closest(walked) || one.querySelector('label, [tabindex]')) continue;
    if (!by || (by.tabIndex < 0 && by.type !== 'radio')) found.push('not reached: ' + nameOf(one));
  }
  const looks = (one) => {
    const { outlineStyle, boxShadow, borderColor } = getComputedStyle(one);
    return [outlineStyle, boxShadow, borderColor].join();
  };
  const around = (one) => [one, one.parentElement, one.labels?.[0], one.nextElementSibling,
    one.previousElementSibling].filter(Boolean);
  const there = () => { for (const one of document.getAnimations()) one.finish(); };
  const seen = new Set();
  for (const one of document.querySelectorAll('body *')) {
    if (!takes(one) || one.tabIndex < 0 || one.disabled || !inSight(one)) continue;
    // One of a kind is enough.
    const kind = [one.tagName, one.type, one.className].join();
    if (seen.has(kind)) continue;
    seen.add(kind);
    document.activeElement?.blur();
    there();
    const plain = around(one).map(looks).join();
    one.focus({ preventScroll: true });
    there();
    if (document.activeElement !== one) found.push('takes no focus: ' + nameOf(one));
    else if (around(one).map(looks).join() === plain) found.push('looks the same: ' + nameOf(one));
  }
  return found;
})()`;

/** What the keyboard does not reach, or reaches unseen. */
export async function beyondKeyboard(page: Page): Promise<string[]> {
  // Whoever pressed a key sees where they are.
  await page.keyboard.press('Tab');
  return page.evaluate<string[]>(BEYOND);
}

const HERE = `(() => {
  const one = document.activeElement;
  return one === document.body || one === null ? '' :
    (one.getAttribute('aria-label') ?? one.textContent ?? '').trim() || one.tagName;
})()`;

/** Presses Tab until what has this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
    if (name.test(await page.evaluate<string>(HERE))) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no ${name} within ${MOST_TABS} steps`);
}

/** They order nothing: what was begun is left. */
export function keyboardCases(the: Demo): void {
  it('leads by Tab and Enter alone from the first page to why it is 3, and on to the event', async () => {
    const page = await the().open(`/c/${CREATOR}`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(HERE)).toBe('Skip to the page');
    await page.keyboard.press('Enter');
    // The space before it is that of the page.
    await tabTo(page, /^3 ?this month, Nicole King: why/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Why is “This month” 3?' }).waitFor();
    await page.getByRole('region', { name: 'Counted (3)' }).waitFor();
    await tabTo(page, /^#/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'PaymentReceived' }).waitFor();
    await page.close();
  });

  it('orders a plan by the keyboard alone, and lets go of what it opened', async () => {
    const page = await the().open(`/c/${CREATOR}/months`);
    await tabTo(page, /^Close October…$/);
    await page.keyboard.press('Enter');
    await page.getByText('2 things stand in the way.').waitFor();
    await tabTo(page, /^Exclude \d+…/);
    await page.keyboard.press('Enter');
    const why = page.getByLabel(/^Why delivery \d+ does not count/);
    await why.waitFor();
    await page.keyboard.type('It is');
    expect(await why.inputValue()).toBe('It is');
    await tabTo(page, /^Cancel$/);
    await page.keyboard.press('Enter');
    await why.waitFor({ state: 'hidden' });
    await tabTo(page, /^Plan again$/);
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.waitForURL('**/ops');
    await page.getByRole('heading', { level: 1, name: 'Operations' }).waitFor();
    await tabTo(page, /^Run all checks$/);
    await page.keyboard.press('Enter');
    await page.getByText(/^Run in /).waitFor();
    await page.close();
  });

  it.each([
    ['the overview', `/c/${CREATOR}`],
    ['the plan of a close', `/c/${CREATOR}/months/2025-10?act=close`],
    ['a setting that is changed', `/settings/general?creator=${CREATOR}&change=rates`],
    ['the operations', '/ops'],
  ])('walks all of %s by Tab, and is held nowhere', async (_, address) => {
    const page = await the().open(address);
    let pressed = 0;
    do {
      await page.keyboard.press('Tab');
      pressed += 1;
    } while (pressed < MOST_TABS && (await page.evaluate(HERE)) !== '');
    expect(pressed).toBeGreaterThan(15);
    expect(pressed).toBeLessThan(MOST_TABS);
    await page.close();
  });

  it('shows by ~ what a page asked: by curl and by the command the same comes out', async () => {
    const page = await the().open(`/c/${CREATOR}?month=2025-09`);
    await page.keyboard.press('~');
    const drawer = page.getByRole('dialog', { name: 'What this page asked' });
    await drawer.waitFor();
    const call = drawer.getByRole('listitem').filter({ hasText: '/top-referrers' });
    const curl = (await call.getByLabel('curl').textContent()) ?? '';
    const address = /'(http[^']+)'$/.exec(curl)?.[1] ?? '';
    expect(address).toBe(
      the().urlOf(`/api/creators/${CREATOR}/top-referrers?month=2025-09&limit=10`),
    );
    expect(await call.getByLabel('command').textContent()).toBe(
      `npx flywheel top --creator ${CREATOR} --month 2025-09 --limit 10`,
    );
    expect(await drawer.textContent()).not.toContain(await the().kept('admin-token'));
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    await page.close();
  });
}
