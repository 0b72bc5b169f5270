// Dependencies of some hundred small files each, as one file each, for tests alone. Jest gives every file
// of tests modules of its own: finding, reading and compiling two thousand of them took a third of the
// processor's time of most. They hold exactly the files that Node would load, as they are.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PLACE = path.join(ROOT, 'node_modules/.cache/flywheel-tests');
const { resolve: requireResolve } = createRequire(import.meta.url);

/** What is bundled together shares what it has in common. */
const BUNDLES = [
  { format: 'es', of: ['kysely'] },
  {
    format: 'es',
    of: ['common', 'core', 'cqrs', 'platform-fastify', 'swagger'].map((one) => `@nestjs/${one}`),
    // What swagger takes along. Of what Nest would take if it were there, nothing is.
    and: ['@nestjs/mapped-types', 'es-toolkit'],
  },
  { format: 'cjs', of: ['class-validator'] },
  { format: 'cjs', of: ['rxjs', 'rxjs/operators'] },
];
const NO_COPY = path.join(PLACE, 'import-it-by-its-name-alone-or-add-it-to-bundled.js');
const EXTENSION = { es: 'mjs', cjs: 'cjs' };

const nameOf = (specifier) => specifier.replace('@', '').replaceAll('/', '-');
const fileOf = (specifier, format) =>
  format === 'es' ? fileURLToPath(import.meta.resolve(specifier)) : requireResolve(specifier);

async function make({ format, of, and }, folder) {
  const conditions = ['node', format === 'es' ? 'import' : 'require'];
  const names = `[name].${EXTENSION[format]}`;
  const within = and && [...of, ...and];
  const isOther = (id) =>
    !/^[./]|^\0/.test(id) && !within.some((one) => id === one || id.startsWith(`${one}/`));
  await build({
    ...{ configFile: false, logLevel: 'warn', root: ROOT, publicDir: false },
    resolve: { conditions, mainFields: ['main'] },
    ssr: { noExternal: true, resolve: { conditions } },
    build: {
      ...{ ssr: true, outDir: folder, emptyOutDir: false, minify: false, target: 'node20' },
      rolldownOptions: {
        input: Object.fromEntries(of.map((one) => [nameOf(one), fileOf(one, format)])),
        treeshake: false,
        ...(within && { external: isOther }),
        output: {
          ...{ format, keepNames: true, entryFileNames: names },
          chunkFileNames: `${nameOf(of[0])}-shared-${names}`,
        },
      },
    },
  });
}

/** For Jest's moduleNameMapper. They are made once for each state of the dependencies. */
export async function bundled() {
  const hash = createHash('sha256');
  for (const file of [path.join(ROOT, 'package-lock.json'), import.meta.filename])
    hash.update(readFileSync(file));
  const folder = path.join(PLACE, hash.digest('hex').slice(0, 16));
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`;
    for (const one of BUNDLES) await make(one, draft);
    // Another run may have been faster.
    if (existsSync(folder)) rmSync(draft, { recursive: true });
    else renameSync(draft, folder);
  }
  const mapped = BUNDLES.flatMap(({ format, of }) =>
    of.map((one) => [`^${one}$`, path.join(folder, `${nameOf(one)}.${EXTENSION[format]}`)]),
  );
  // A path into one of them would be a second copy of it: Jest says that there is no such file.
  const inside = BUNDLES.flatMap(({ of }) => of.map((one) => [`^${one}/`, NO_COPY]));
  return Object.fromEntries([...mapped, ...inside]);
}
