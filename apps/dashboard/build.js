/** Builds the dashboard, unless what it is made of is what the last build was made of. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const out = path.join(root, 'dist/apps/dashboard');
/** Where the one file of the ledger lies that the pages import, with what it imports. */
const borrowed = path.join(root, 'libs/ledger/src/values');
const stamp = path.join(out, '.made-of');

function madeOf() {
  const hash = createHash('sha256');
  const read = (file) => hash.update(path.relative(root, file)).update(readFileSync(file));
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort(byName)) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) walk(file);
      else read(file);
    }
  };
  walk(here);
  walk(borrowed);
  read(path.join(root, 'package-lock.json'));
  return hash.digest('hex');
}
const byName = (a, b) => (a.name < b.name ? -1 : 1);

const wanted = madeOf();
const found = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
if (found !== wanted || process.argv.includes('--force')) {
  await build({ root: here, logLevel: 'warn', configFile: path.join(here, 'vite.config.ts') });
  mkdirSync(out, { recursive: true });
  writeFileSync(stamp, wanted);
}
