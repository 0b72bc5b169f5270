/** The environment of a command: `.env` beside it, the data folder, what a flag overrides. */
import { existsSync } from 'node:fs';
import path from 'node:path';

export type Environment = Record<string, string | undefined>;

export const HOME = '.flywheel';
export const DEMO_HOME = '.flywheel-demo';
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = '4310';

/** Reads `.env` of the present folder, if there is one; what is set already stays. */
export function loadDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** The value, or undefined where it is missing or blank. */
export function setting(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === undefined || text === '' ? undefined : text;
}

/** Data folders in which a running Flywheel may have left its run file, in order. */
export function homesOf(env: Environment): string[] {
  const named = setting(env, 'FLYWHEEL_HOME');
  return (named === undefined ? [HOME, DEMO_HOME] : [named]).map((home) => path.resolve(home));
}

/** Where a client finds a server that listens on this host. */
export function addressOf(host: string, port: number | string): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? host;
  const literal = reachable.includes(':') && !reachable.startsWith('[');
  return `http://${literal ? `[${reachable}]` : reachable}:${port}`;
}

/** A file as a person would type it here. */
export function shownPath(file: string): string {
  const found = path.relative('', file);
  return found === '' || found.startsWith('..') ? file : found;
}
