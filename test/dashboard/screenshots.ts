/**
 * `npm run dashboard:screenshots`: the pages of the demo as pictures in docs/screenshots, light, dark
 * and on a phone. The demo's clock stands still, so the same pages come out each time.
 */
import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromiumFile, NO_CHROMIUM, openBrowser } from '../e2e/browser.js';
import { flywheel as command, newHome, removeHome, startUp, until } from '../e2e/running.js';

const FOLDER = 'docs/screenshots';
const NICOLE = 'user_1iujokz1cua8dp';
const DESK = { width: 1280, height: 860 };
/** Down to the rows that differ. */
const TALL = { width: 1280, height: 1280 };
const PHONE = { width: 390, height: 844 };

interface Picture {
  readonly name: string;
  readonly address: string;
  readonly viewport: typeof DESK;
  readonly colorScheme: 'light' | 'dark';
}

const explained = (member: string, figure: string): string =>
  `/explain?creator=biz_demo&member=${member}&figure=${figure}&month=2025-10`;

const PICTURES: readonly Picture[] = [
  ...(['light', 'dark'] as const).flatMap((colorScheme) => [
    { name: 'overview', address: '/c/biz_demo', viewport: DESK, colorScheme },
    {
      name: 'explain',
      address: explained(NICOLE, 'monthlyReferrals'),
      viewport: DESK,
      colorScheme,
    },
    { name: 'member', address: `/c/biz_demo/members/${NICOLE}`, viewport: DESK, colorScheme },
    { name: 'overview-phone', address: '/c/biz_demo', viewport: PHONE, colorScheme },
    { name: 'operations', address: '/ops', viewport: DESK, colorScheme },
  ]),
  { name: 'members', address: '/c/biz_demo/members', viewport: DESK, colorScheme: 'light' },
  {
    name: 'explain-phone',
    address: explained(NICOLE, 'monthlyReferrals'),
    viewport: PHONE,
    colorScheme: 'dark',
  },
  { name: 'sign-in', address: '/sign-in', viewport: DESK, colorScheme: 'light' },
];

/** Of a demo that was broken on purpose, last of all. */
const OF_BROKEN: readonly Picture[] = [
  { name: 'checks', address: '/ops/checks', viewport: DESK, colorScheme: 'light' },
  { name: 'replay', address: '/ops/runs/1', viewport: TALL, colorScheme: 'light' },
  { name: 'replay-phone', address: '/ops/runs/1', viewport: PHONE, colorScheme: 'dark' },
];

const executable = chromiumFile();
if (executable === undefined) throw new Error(NO_CHROMIUM);
const home = await newHome();
const flywheel = await startUp({ home, args: ['--demo'] });
const browser = await openBrowser(executable);
try {
  mkdirSync(FOLDER, { recursive: true });
  const token = (await readFile(path.join(home, 'admin-token'), 'utf8')).trim();
  for (const picture of PICTURES) await take(browser, flywheel.url, token, picture);
  await breakIt();
  for (const picture of OF_BROKEN) await take(browser, flywheel.url, token, picture);
} finally {
  await browser.close();
  await flywheel.stop();
  await removeHome(home);
}

/** The checks say so, and a replay is ready to be looked at. */
async function breakIt(): Promise<void> {
  await command(home, ['demo', 'break', 'stale-month']);
  await command(home, ['check']);
  await command(home, ['replay', '--reason', 'This month was never counted.']);
}

async function take(from: Browser, url: string, token: string, picture: Picture): Promise<void> {
  const { name, address, viewport, colorScheme } = picture;
  const context = await from.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  if (address !== '/sign-in') await context.request.post(`${url}/api/session`, { data: { token } });
  await page.goto(`${url}${address}`);
  await settled(page);
  await page.screenshot({ path: path.join(FOLDER, `${name}-${colorScheme}.png`) });
  await context.close();
}

/** Everything is there: no panel waits, and two pictures in a row are the same, for the chart is drawn last. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  const waiting = page.locator('[aria-busy=true]');
  await until('nothing is loading', async () => (await waiting.count()) === 0);
  let before: Buffer | undefined;
  await until('nothing moves', async () => {
    const now = await page.screenshot();
    const isSame = before?.equals(now) === true && (await waiting.count()) === 0;
    before = now;
    return isSame;
  });
}
