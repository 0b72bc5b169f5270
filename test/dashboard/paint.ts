/**
 * `npm run dashboard:paint`: how soon the first pages of a community of 100,000 members stand in a
 * browser that has never been here, and whether the list of members scrolls smoothly. Each figure is
 * the median of five; beside them stands the sign-in page, which asks for no figure. Run it on a
 * machine that does nothing else: it says how busy that was.
 */
import 'reflect-metadata';
import os from 'node:os';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { median, quantile } from '../bench/figures.js';
import { chromiumFile, NO_CHROMIUM, openBrowser } from '../e2e/browser.js';
import { CREATOR, type Filled, MEMBERS, startFilled } from './hundred-thousand.js';

const RUNS = 5;
const DESK = { width: 1280, height: 860 };
const SCROLLED_MS = 4_000;
const PX_A_FRAME = 90;
const FIRST_PAINT_MS = 1_000;
/** Longer ones are felt (web.dev, "Optimize long tasks"). */
const LONGEST_TASK_MS = 50;
/** Half of 60 frames a second: a machine without a graphics card draws them itself. */
const FRAME_P95_MS = 34;

interface Looked {
  readonly name: string;
  readonly address: string;
  /** What has come once the page is of use. */
  readonly shows: string;
}

const PAGES: readonly Looked[] = [
  { name: 'sign-in page', address: '/sign-in', shows: 'input[name=token]' },
  {
    name: 'overview',
    address: `/c/${CREATOR}`,
    shows: 'table[aria-label^="Top referrers"] tbody [data-row]',
  },
  {
    name: 'members',
    address: `/c/${CREATOR}/members`,
    shows: 'table[aria-label="Members"] tbody [data-row]',
  },
];

/** Runs in the page before anything of it: when what is looked for has come, by the page's own clock. */
const watchFor = (selector: string): string => `
  globalThis.flywheelShown = new Promise((resolve) => {
    const look = () => document.querySelector(${JSON.stringify(selector)}) === null
      ? requestAnimationFrame(look) : resolve(performance.now());
    requestAnimationFrame(look);
  });`;
const FIRST_PAINT = `new Promise((resolve) => new PerformanceObserver((list) => {
  const [first] = list.getEntriesByName('first-contentful-paint');
  if (first !== undefined) resolve(first.startTime);
}).observe({ type: 'paint', buffered: true }))`;

/** Runs in the page: scrolls on with every frame, and says how long frames and tasks were. */
const SCROLL = `new Promise((resolve) => {
  const tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((one) => one.duration)))
    .observe({ type: 'longtask' });
  const frames = [];
  const begun = performance.now();
  let before = begun;
  const step = (now) => {
    frames.push(now - before);
    before = now;
    window.scrollBy(0, ${PX_A_FRAME});
    if (now - begun < ${SCROLLED_MS}) requestAnimationFrame(step);
    else setTimeout(() => resolve({
      frames: frames.slice(1), tasks,
      rows: Number(document.querySelector('table[aria-label="Members"] tr:nth-last-child(2)')?.dataset.index ?? 0),
    }), 200);
  };
  requestAnimationFrame(step);
})`;

interface Scrolled {
  readonly frames: readonly number[];
  readonly tasks: readonly number[];
  readonly rows: number;
}

interface Line {
  readonly what: string;
  readonly runs: readonly number[];
  readonly below?: number;
}

const executable = chromiumFile();
if (executable === undefined) throw new Error(NO_CHROMIUM);
const filled = await startFilled();
const browser = await openBrowser(executable);
try {
  const load = os.loadavg()[0] ?? 0;
  const lines: Line[] = [];
  for (const page of PAGES) lines.push(...(await painted(browser, filled, page)));
  lines.push(...(await scrolled(browser, filled)));
  process.stdout.write(said(lines, load));
} finally {
  await browser.close();
  await filled.stop();
}

/** Somebody who is signed in and has nothing of the page yet. */
async function stranger(from: Browser, { flywheel, adminToken }: Filled): Promise<BrowserContext> {
  const context = await from.newContext({ viewport: DESK, reducedMotion: 'reduce' });
  const data = { token: adminToken };
  await context.request.post(`${flywheel.url}/api/session`, { data });
  return context;
}

async function painted(from: Browser, at: Filled, { name, address, shows }: Looked) {
  const first: number[] = [];
  const whole: number[] = [];
  for (let run = -1; run < RUNS; run++) {
    const context = await stranger(from, at);
    const page = await context.newPage();
    await page.addInitScript({ content: watchFor(shows) });
    await page.goto(`${at.flywheel.url}${address}`, { waitUntil: 'commit' });
    const shownMs = await page.evaluate<number>('globalThis.flywheelShown');
    const firstMs = await page.evaluate<number>(FIRST_PAINT);
    await context.close();
    // The first warms the server: a browser that comes first after a start is none that people wait for.
    if (run < 0) continue;
    first.push(firstMs);
    whole.push(shownMs);
  }
  return [
    { what: `${name}: first contentful paint`, runs: first, below: FIRST_PAINT_MS },
    { what: `${name}: what one came for stands there`, runs: whole },
  ];
}

async function scrolled(from: Browser, at: Filled): Promise<Line[]> {
  const p95: number[] = [];
  const longest: number[] = [];
  const rows: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const context = await stranger(from, at);
    const page: Page = await context.newPage();
    await page.goto(`${at.flywheel.url}/c/${CREATOR}/members`);
    await page.locator('table[aria-label="Members"] tbody [data-row]').first().waitFor();
    const seen = await page.evaluate<Scrolled>(SCROLL);
    await context.close();
    p95.push(quantile(Float64Array.from(seen.frames).sort(), 0.95));
    longest.push(Math.max(0, ...seen.tasks));
    rows.push(seen.rows);
  }
  return [
    { what: 'members, scrolled: 95 of 100 frames took at most', runs: p95, below: FRAME_P95_MS },
    { what: 'members, scrolled: longest task', runs: longest, below: LONGEST_TASK_MS },
    { what: 'members, scrolled: rows passed (not ms)', runs: rows },
  ];
}

function said(lines: readonly Line[], load: number): string {
  const rows = lines.map(({ what, runs, below }) => {
    const value = median(runs);
    const verdict = below === undefined ? '' : value < below ? 'met' : 'NOT MET';
    const limit = below === undefined ? '' : `below ${below}`;
    const each = runs.map((run) => run.toFixed(0)).join(' ');
    return [what.padEnd(52), value.toFixed(0).padStart(7), limit.padStart(11), verdict, each];
  });
  const head = `${MEMBERS} members; load average ${load.toFixed(1)} on ${os.cpus().length} cores; ms, median of ${RUNS}\n`;
  return `${head}${rows.map((row) => row.join('  ').trimEnd()).join('\n')}\n`;
}
