// Completes package-lock.json with the optional packages of other platforms.
//
// npm leaves an optional package out of the lock file when the registry in use does not have it, and
// then `npm ci` refuses the lock file because it is missing. Its name says which platform it is for,
// and the package that wants it says the exact version, so the entry can be written without it. On
// its own platform npm fetches it as usual. Run after `npm install`: node .ci/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const OS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'netbsd', 'openbsd', 'sunos', 'aix'];
const CPU = { arm64: 'arm64', x64: 'x64', ia32: 'ia32', ppc64: 'ppc64', riscv64: 'riscv64', s390x: 's390x', loong64: 'loong64', mips64el: 'mips64el', arm: 'arm', wasm32: 'wasm32' };

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const { packages } = lock;
const added = [];
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (found(path, name) || !/^\d/.test(version)) continue;
    const words = name.split(/[/-]/);
    const os = OS.find((one) => words.includes(one));
    const cpu = Object.keys(CPU).find((one) => words.includes(one));
    const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
    packages[`node_modules/${name}`] = {
      version,
      ...(cpu === undefined ? {} : { cpu: [CPU[cpu]] }),
      ...(entry.dev ? { dev: true } : {}),
      ...(libc === undefined ? {} : { libc: [libc] }),
      license: entry.license,
      optional: true,
      ...(os === undefined ? {} : { os: [os] }),
    };
    added.push(`${name}@${version}`);
  }
}

/** As Node resolves: from the wanting package's folder upwards. */
function found(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added.length} added${added.map((one) => `\n  ${one}`).join('')}\n`);
