/** One Flywheel for all tests of a file: started before the first, stopped and removed after the last. */
import { afterAll, beforeAll } from '@jest/globals';
import { Client } from './client.js';
import {
  envOf,
  newHome,
  newSecrets,
  type Running,
  removeHome,
  type Secrets,
  startUp,
} from './running.js';

export interface Served {
  readonly secrets: Secrets;
  /** The rest is there from the first beforeAll of the file on. */
  readonly home: string;
  readonly url: string;
  readonly pid: number;
  readonly client: Client;
}

const LIMIT_MS = 240_000;

/** Quiet: what is sent to it is wrong on purpose. `env` says what it has besides secrets of its own. */
export function served(
  env: (secrets: Secrets) => Readonly<Record<string, string>> = () => ({}),
): Served {
  const secrets = newSecrets();
  let home = '';
  let running: Running | undefined;
  let client: Client | undefined;
  beforeAll(async () => {
    home = await newHome();
    const quiet = { ...envOf(secrets), LOG_LEVEL: 'fatal' };
    running = await startUp({ home, env: { ...quiet, ...env(secrets) } });
    client = new Client(running.url, secrets.token);
  }, LIMIT_MS);
  afterAll(async () => {
    client?.close();
    await running?.stop();
    await removeHome(home);
  }, LIMIT_MS);
  return {
    secrets,
    get home() {
      return home;
    },
    get url() {
      return there(running).url;
    },
    get pid() {
      return there(running).pid;
    },
    get client() {
      return there(client);
    },
  };
}

function there<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('it has not been started yet');
  return thing;
}
