// Refuses a lock file that would install anything but what was looked at: node .ci/check-lock.mjs [folder]
//
// Every package has the SHA-512 of its bytes and no address, so that npm asks the registry that is
// configured and takes only those bytes: nothing from git, a file or somebody's server. Optional packages
// of other platforms may lack the hash (see complete-lock.mjs): they are not installed here. What
// production needs has a licence that this project may be given away with.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const LICENCES = new Set(['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Python-2.0', 'Unlicense', 'Zlib']);
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

const folder = process.argv[2] ?? '.';
const read = (name) => readFileSync(path.join(folder, name), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));
const problems = [];

if (lock.lockfileVersion !== 3) problems.push(`package-lock.json is of version ${lock.lockfileVersion}, not 3`);
if (!/^ignore-scripts=true$/m.test(read('.npmrc'))) problems.push('.npmrc does not say ignore-scripts=true: packages could run at their installation');
const root = lock.packages[''] ?? {};
for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
  const wanted = manifest[kind] ?? {};
  for (const [name, version] of Object.entries(wanted)) if (!EXACT.test(version)) problems.push(`${kind} ${name} is ${version}, not one version`);
  if (JSON.stringify(sorted(wanted)) !== JSON.stringify(sorted(root[kind] ?? {}))) problems.push(`${kind} of package.json are not those of the lock file`);
}
for (const [where, entry] of Object.entries(lock.packages)) {
  if (where === '') continue;
  const isOfPlatform = entry.optional === true && (entry.os !== undefined || entry.cpu !== undefined);
  if (entry.link === true || entry.resolved !== undefined) problems.push(`${where} comes from an address of its own: ${entry.resolved ?? 'a link'}`);
  if (!EXACT.test(entry.version ?? '')) problems.push(`${where} is of no version: ${entry.version}`);
  if (entry.integrity === undefined ? !isOfPlatform : !SHA512.test(entry.integrity)) problems.push(`${where} has no SHA-512`);
  if (entry.dev !== true && !isAllowed(entry.license)) problems.push(`${where} has a licence that is not on the list: ${entry.license}`);
}

/** `(MIT OR CC0-1.0)` needs one of them, `MIT AND ISC` all. */
function isAllowed(licence) {
  if (typeof licence !== 'string') return false;
  const alternatives = licence.replace(/[()]/g, '').split(' OR ');
  return alternatives.some((one) => one.split(' AND ').every((name) => LICENCES.has(name.trim())));
}

function sorted(record) {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
else process.stdout.write(`package-lock.json: ${Object.keys(lock.packages).length - 1} packages, each of one version, by its hash\n`);
