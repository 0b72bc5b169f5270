/** The demo as it stands open in a browser, for what is tried on one page after the other. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Overheard, openBrowser, overhear, SHARED } from '../browser.js';
import { Client } from '../client.js';
import { newHome, removeHome, startUp, until } from '../running.js';

/** For what a page shows: machines that test are busy. */
export const ANSWER_MS = 15_000;
/** A page follows the size of its window in some frames. */
const FOLLOWS_MS = 3_000;
/** Some text of the same server, which holds no connection. */
const RESTING = '/health/live';
export const DESK = { width: 1280, height: 900 };

/** Whom a one-time link lets in. */
export interface Someone {
  readonly role: 'admin' | 'auditor' | 'creator' | 'member';
  readonly creatorId?: string;
  readonly memberId?: string;
}

export interface Opened {
  readonly home: string;
  readonly client: Client;
  readonly browser: Browser;
  /** The admin's, signed in. */
  readonly signedIn: BrowserContext;
  /** What the admin's pages asked of others, and complained of. */
  readonly heard: Overheard;
  readonly urlOf: (address: string) => string;
  /** What stands in a file of the data folder: `admin-token`, `webhook-secret`. */
  readonly kept: (name: string) => Promise<string>;
  /** A window of its own for somebody, let in by a one-time link; whoever asks closes it. */
  readonly signedInAs: (who: Someone) => Promise<BrowserContext>;
  /** A page of its own, at an address, when nothing is on its way any more. */
  readonly open: (address: string, context?: BrowserContext) => Promise<Page>;
  /** The same on the admin's one page that stays: for what only looks. Nobody closes it. */
  readonly show: (address: string) => Promise<Page>;
  /** Closes what a case left open in the admin's window; a browser has few connections to a server. */
  readonly tidy: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What is tried on a page is declared before the demo has started. */
export type Demo = () => Opened;

/** Starts `flywheel up --demo` in a folder of its own, and a browser in front of it. */
export async function openDemo(executable: string): Promise<Opened> {
  const home = await newHome();
  const flywheel = await startUp({ home, args: ['--demo'] });
  const kept = async (name: string): Promise<string> =>
    (await readFile(path.join(home, name), 'utf8')).trim();
  const client = new Client(flywheel.url, await kept('admin-token'));
  const browser = await openBrowser(executable, [SHARED]);
  const urlOf = (address: string): string => new URL(address, flywheel.url).href;
  const context = async (proof: Readonly<Record<string, string>>): Promise<BrowserContext> => {
    const one = await browser.newContext({ viewport: DESK });
    one.setDefaultTimeout(ANSWER_MS);
    const answer = await one.request.post(urlOf('/api/session'), { data: proof });
    expect(answer.ok()).toBe(true);
    return one;
  };
  const signedIn = await context({ token: await kept('admin-token') });
  const heard = await overhear(signedIn, new URL(flywheel.url).origin);
  const signedInAs = async (who: Someone): Promise<BrowserContext> => {
    const { status, text } = await client.order('POST', '/api/admin/sign-in-links', who);
    expect(status).toBe(201);
    const { url } = JSON.parse(text) as { readonly url: string };
    return context({ link: new URL(url).hash.slice(1) });
  };
  const lead = async (page: Page, address: string): Promise<Page> => {
    await page.goto(urlOf(address));
    await page.locator('h1').first().waitFor();
    // Not somewhere else, such as where one signs in.
    if (address !== '/') expect(page.url()).toBe(urlOf(address));
    const busy = page.locator('[aria-busy=true]');
    await until('nothing is loading', async () => (await busy.count()) === 0);
    return page;
  };
  const open = async (address: string, from = signedIn): Promise<Page> =>
    lead(await from.newPage(), address);
  const staying = await signedIn.newPage();
  const show = async (address: string): Promise<Page> => {
    await staying.setViewportSize(DESK);
    await staying.emulateMedia({ colorScheme: 'light' });
    return lead(staying, address);
  };
  const tidy = async (): Promise<void> => {
    const others = signedIn.pages().filter((page) => page !== staying);
    await Promise.all(others.map((page) => page.close()));
    if (staying.url() !== urlOf(RESTING)) await staying.goto(urlOf(RESTING));
  };
  await tidy();
  const close = async (): Promise<void> => {
    await browser.close();
    client.close();
    await flywheel.stop();
    await removeHome(home);
  };
  return {
    ...{ home, client, browser, signedIn, heard, urlOf, kept },
    ...{ signedInAs, open, show, tidy, close },
  };
}

const WIDER = 'Math.max(0, document.documentElement.scrollWidth - window.innerWidth)';

/** By how much a page is wider than its window, once it has followed a new size. */
export async function overflowPxOf(page: Page): Promise<number> {
  const overflowPx = () => page.evaluate<number>(WIDER);
  // What remains is for the caller to complain of.
  await until('it fits', async () => (await overflowPx()) === 0, FOLLOWS_MS).catch(() => {});
  return overflowPx();
}
