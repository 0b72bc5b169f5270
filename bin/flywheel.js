#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/apps/cli/src/main.js', import.meta.url);
if (existsSync(fileURLToPath(main))) {
  process.exitCode = await (await import(main.href)).main(process.argv);
} else {
  process.stderr.write('error: Flywheel is not built yet\nnext: npm run build\n');
  process.exitCode = 1;
}
