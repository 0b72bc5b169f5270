/**
 * A real browser for a test: the Chromium of this machine, driven headless. Everything that it says
 * is kept: what its console complains of, what its policy refused, and whom it asked.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { until } from './running.js';

/** Undefined: this machine has none. FLYWHEEL_CHROMIUM names another. */
export function chromiumFile(): string | undefined {
  const named = process.env.FLYWHEEL_CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const found = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  return [...(named === undefined ? [] : [named]), ...found].find((file) => existsSync(file));
}

export const NO_CHROMIUM =
  'NO CHROMIUM: the dashboard was NOT tested in a browser. Install one (apt-get install chromium).';

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];

/** The pages of a window share what a process has read and compiled: half of what a page costs. */
export const SHARED = '--process-per-site';

export const openBrowser = (executablePath: string, flags: string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags] });

/** What a browser had to say. */
export interface Overheard {
  readonly complaints: string[];
  /** Requests to any other origin. */
  readonly strangers: string[];
}

/** Runs in the page: tests know no names of browsers, so it is text. */
const TELL_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  flywheelRefused([event.violatedDirective, event.blockedURI, event.sourceFile].join(' ')))`;

/** Listens to everything that happens in a context, from now on. */
export async function overhear(context: BrowserContext, origin: string): Promise<Overheard> {
  const complaints: string[] = [];
  const strangers: string[] = [];
  await context.exposeBinding('flywheelRefused', (_, what: string) => {
    complaints.push(`policy: ${what}`);
  });
  await context.addInitScript({ content: TELL_VIOLATIONS });
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`));
  context.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && asked !== origin) strangers.push(asked);
  });
  return { complaints, strangers };
}

/** Runs in the page. What pulses for ever is not on its way to anything. */
const AT_REST = `document.getAnimations().every((one) =>
  one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)`;

// The axe that the package itself would take.
const OF_PACKAGE = createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright'));
const AXE = readFileSync(OF_PACKAGE.resolve('axe-core/axe.min.js'), 'utf8');
const IS_THERE = 'typeof axe';

/**
 * What axe finds serious or worse, each with where it is, once the page has come to rest: a colour on
 * its way is none. All rules are asked; only what they passed is not listed, which would take most of
 * the time, and axe goes into a page once.
 */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Not waitForFunction: it evaluates in the page, where the policy allows no text as script.
  await until('the page is at rest', () => page.evaluate<boolean>(AT_REST), 10_000);
  // Into a frame it would not look, and say nothing.
  if (page.frames().length !== 1) throw new Error('a page of frames: let axe go into each of them');
  if ((await page.evaluate(IS_THERE)) === 'undefined') await page.evaluate(AXE);
  const { violations } = await new AxeBuilder({ page, axeSource: IS_THERE })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}
