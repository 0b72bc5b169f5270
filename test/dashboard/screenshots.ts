/**
 * `npm run dashboard:screenshots`: the pages of the demo as pictures in docs/screenshots, light, dark
 * and on a phone. The demo's clock stands still, so the same pages come out each time.
 */
import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromiumFile, NO_CHROMIUM, openBrowser } from '../e2e/browser.js';
import { flywheel as command, newHome, removeHome, startUp, until } from '../e2e/running.js';
import { small } from './small-png.js';

const FOLDER = 'docs/screenshots';
const NICOLE = 'user_1iujokz1cua8dp';
const DESK = { width: 1280, height: 800 };
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

/** Every main page, in light and dark on a desk, and on a phone in one of them. */
const MAIN: Readonly<Record<string, readonly [address: string, onPhone: 'light' | 'dark']>> = {
  overview: ['/c/biz_demo', 'light'],
  explain: [explained(NICOLE, 'monthlyReferrals'), 'dark'],
  members: ['/c/biz_demo/members', 'light'],
  member: [`/c/biz_demo/members/${NICOLE}`, 'dark'],
  months: ['/c/biz_demo/months', 'light'],
  close: ['/c/biz_demo/months/2025-10?act=close', 'dark'],
  commissions: ['/c/biz_demo/commissions?month=2025-09', 'light'],
  events: ['/events?creator=biz_demo&event=3000', 'dark'],
  operations: ['/ops', 'light'],
  settings: ['/settings/general?creator=biz_demo', 'dark'],
};

const PICTURES: readonly Picture[] = [
  ...Object.entries(MAIN).flatMap(([name, [address, onPhone]]) => [
    { name, address, viewport: DESK, colorScheme: 'light' as const },
    { name, address, viewport: DESK, colorScheme: 'dark' as const },
    { name: `${name}-phone`, address, viewport: PHONE, colorScheme: onPhone },
  ]),
  { name: 'sign-in', address: '/sign-in', viewport: DESK, colorScheme: 'light' },
];

/** Of a demo that was broken on purpose, last of all. */
const OF_BROKEN: readonly Picture[] = [
  { name: 'checks', address: '/ops/checks?show=failing', viewport: DESK, colorScheme: 'light' },
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
  writeFileSync(path.join(FOLDER, `${name}-${colorScheme}.png`), small(await page.screenshot()));
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
