/** The rules of the house that a machine can check by reading: ban list, sizes, registers. Imports are dependency-cruiser's. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventTypes } from '#libs/ledger';
import { register } from '#projections';

const ROOT = path.resolve('.');
const FOLDERS = ['apps', 'libs', 'projections', 'migrations'];
const GENERATED = /dashboard\/src\/api\/schema\.d\.ts$/;
const MAX_LINES = 350;
const MAX_SPEC_LINES = 500;

interface Source {
  readonly file: string;
  readonly text: string;
  /** Without comments and strings of prose. */
  readonly code: string;
  readonly isSpec: boolean;
}

function sourcesBelow(folder: string): Source[] {
  return readdirSync(path.join(ROOT, folder)).flatMap((name) => {
    const file = `${folder}/${name}`;
    if (statSync(path.join(ROOT, file)).isDirectory()) {
      return name === 'node_modules' ? [] : sourcesBelow(file);
    }
    if (!/\.tsx?$/.test(name) || GENERATED.test(file)) return [];
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
    return [
      { file, text, code, isSpec: /\.(spec|fixture)\.ts$/.test(name) || file.includes('/test/') },
    ];
  });
}
const sources = FOLDERS.flatMap(sourcesBelow);
const production = sources.filter((source) => !source.isSpec);

/** What is banned, why, and the files that own it. */
const BANS: { ban: RegExp; why: string; owners: RegExp }[] = [
  {
    ban: /\bDate\.now\(|\bnew Date\(\)/,
    why: 'take a clock',
    owners: /values\/clock\.ts$|libs\/testing|apps\/(cli|api)\/src|dashboard\/src\/ui\/now\.ts$/,
  },
  { ban: /\bMath\.random\(/, why: 'take an id source', owners: /^$/ },
  { ban: /\bparseFloat\(/, why: 'money is never a float', owners: /^$/ },
  { ban: /\bconsole\.\w+\(/, why: 'log through the logger', owners: /^$/ },
  { ban: /:\s*any\b(?! \w)|\bas any\b|<any>/, why: 'say the type', owners: /^$/ },
  { ban: /^export default\b/m, why: 'name what is exported', owners: /vite\.config\.ts$/ },
  { ban: /^\s*(export\s+)?(const\s+)?enum\s+\w+\s*\{/m, why: 'use a union', owners: /^$/ },
  { ban: /\w+Minor\??:\s*number\b/, why: 'amounts are bigint', owners: /apps\/(api|cli)\/src/ },
  {
    ban: /\bposition\??:\s*number\b/,
    why: 'positions are bigint',
    owners: /apps\/(api|cli|dashboard)\/src/,
  },
  { ban: /@ts-(ignore|nocheck)|eslint-disable/, why: 'mend it', owners: /^$/ },
];

describe('the house', () => {
  it.each(BANS)('bans $ban: $why', ({ ban, owners }) => {
    const found = production.filter(({ file, code }) => !owners.test(file) && ban.test(code));
    expect(found.map(({ file }) => file)).toEqual([]);
  });

  it('keeps files short enough to live in', () => {
    const long = sources
      .map(({ file, text, isSpec }) => ({ file, lines: text.split('\n').length, isSpec }))
      .filter(({ lines, isSpec }) => lines > (isSpec ? MAX_SPEC_LINES : MAX_LINES));
    expect(long).toEqual([]);
  });

  it('lets the dashboard import one file of the ledger, pure, and nothing else from outside', () => {
    const outside = production
      .filter(({ file }) => file.startsWith('apps/dashboard/'))
      .flatMap(({ code }) =>
        [...code.matchAll(/(?:from|import\()\s*'([^']*(?:#|\.\.\/)[^']*)'/g)].map(
          ([, to = '']) => to,
        ),
      )
      .filter((to) => /^#|\b(libs|projections|migrations)\//.test(to));
    expect(outside).toEqual(['../../../../libs/ledger/src/values/money.js']);
    const money = production.filter(({ file }) => file === 'libs/ledger/src/values/money.ts');
    const itsOwn = money.flatMap(({ code }) => code.match(/from '[^']+'/g) ?? []);
    expect(itsOwn).toEqual(["from './domain-error.js'"]);
  });

  it('names files in kebab-case', () => {
    const odd = sources.filter(
      ({ file }) => !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.tsx?$/.test(path.basename(file)),
    );
    expect(odd.map(({ file }) => file)).toEqual([]);
  });

  it('has no drawer for everything', () => {
    const drawers = sources.filter(({ file }) =>
      /(^|\/)(shared|common|utils?|helpers?|manager|misc)(\/|\.ts)/.test(file),
    );
    expect(drawers.map(({ file }) => file)).toEqual([]);
  });

  it('says in one sentence what every module is', () => {
    const mute = production.filter(
      ({ file, text }) => !file.endsWith('/index.ts') && !text.includes('/**'),
    );
    expect(mute.map(({ file }) => file)).toEqual([]);
  });

  it('registers every projection, under a name of its own', () => {
    const declared = readdirSync(path.join(ROOT, 'projections')).filter((name) =>
      /= (sumsOf|latestOf|entriesOf)</.test(
        readFileSync(path.join(ROOT, 'projections', name), 'utf8'),
      ),
    );
    expect(new Set(register.map(({ name }) => name)).size).toBe(declared.length);
    expect(register).toHaveLength(declared.length);
  });

  it('lists every event type of the catalogue', () => {
    const text = readFileSync(path.join(ROOT, 'libs/ledger/src/events.ts'), 'utf8');
    const declared = [...text.matchAll(/Event<\s*'(\w+)'/g)].map((match) => match[1]);
    expect([...eventTypes].sort()).toEqual(declared.sort());
  });

  it('holds no path of a machine and no host of a registry', () => {
    const odd = sources.filter(({ text }) =>
      /\/(work|root|home\/\w+)\/|registry\.npmjs/.test(text),
    );
    expect(odd.map(({ file }) => file)).toEqual([]);
  });
});
