/** Which server a command talks to, and with which token. */
import path from 'node:path';
import {
  addressOf,
  DEFAULT_HOST,
  DEFAULT_PORT,
  type Environment,
  homesOf,
  setting,
  shownPath,
} from './environment.js';
import { CliError, EXIT } from './exit.js';
import { type RunFile, readRunFile } from './run-file.js';
import { readSecret } from './secrets.js';

export interface TargetOptions {
  readonly url?: string | undefined;
  readonly tokenFile?: string | undefined;
}

export interface Target {
  readonly url: string;
  /** Said beside the address: where it comes from. */
  readonly from: string;
  readonly token: string | undefined;
  /** The data folder of that server, as far as it is on this machine. */
  readonly home: string;
  readonly run: RunFile | undefined;
}

/**
 * The address of `--url`, else of the server that runs in the data folder, else of HOST and PORT.
 * A token that was made for a data folder is sent to the server that runs there and to this machine,
 * never to a host that was only named.
 */
export async function findTarget(options: TargetOptions, env: Environment): Promise<Target> {
  const homes = homesOf(env);
  const running = await firstRunning(homes);
  const home = running?.home ?? homes[0] ?? '.';
  const { url, from } = addressFor(options, env, running);
  const token = await tokenFor(options, env, url, home, running?.run);
  return { url, from, token, home, run: url === running?.run.url ? running?.run : undefined };
}

interface Running {
  readonly home: string;
  readonly run: RunFile;
}

async function firstRunning(homes: readonly string[]): Promise<Running | undefined> {
  for (const home of homes) {
    const run = await readRunFile(home);
    if (run !== undefined) return { home, run };
  }
  return undefined;
}

function addressFor(
  { url }: TargetOptions,
  env: Environment,
  running: Running | undefined,
): { url: string; from: string } {
  if (url !== undefined) return { url, from: '--url' };
  if (running?.run.url !== undefined)
    return { url: running.run.url, from: shownPath(running.home) };
  const host = setting(env, 'HOST') ?? DEFAULT_HOST;
  return { url: addressOf(host, setting(env, 'PORT') ?? DEFAULT_PORT), from: 'HOST and PORT' };
}

async function tokenFor(
  { tokenFile }: TargetOptions,
  env: Environment,
  url: string,
  home: string,
  run: RunFile | undefined,
): Promise<string | undefined> {
  if (tokenFile !== undefined) {
    const token = await readSecret(tokenFile);
    if (token !== undefined) return token;
    throw new CliError(EXIT.usage, `${tokenFile} holds no token.`, {
      code: 'token_file_empty',
      next: 'give a file with the admin token in it',
    });
  }
  const named = setting(env, 'FLYWHEEL_ADMIN_TOKEN');
  if (named !== undefined) return named;
  if (url !== run?.url && !isThisMachine(url)) return undefined;
  return readSecret(path.join(home, 'admin-token'));
}

/** With which deliveries to that server are signed; the same rule as for its token. */
export async function webhookSecretFor(
  { url, home, run }: Pick<Target, 'url' | 'home' | 'run'>,
  env: Environment,
): Promise<string> {
  const named = setting(env, 'WHOP_WEBHOOK_SECRET')?.split(',')[0]?.trim();
  if (named) return named;
  const isOurs = url === run?.url || isThisMachine(url);
  const kept = isOurs ? await readSecret(path.join(home, 'webhook-secret')) : undefined;
  if (kept !== undefined) return kept;
  throw new CliError(EXIT.notAllowed, 'There is no secret to sign deliveries with.', {
    code: 'webhook_secret_unknown',
    why: 'WHOP_WEBHOOK_SECRET is not set, and the data folder of that server is not here.',
    next: 'set WHOP_WEBHOOK_SECRET as the server has it',
  });
}

function isThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
