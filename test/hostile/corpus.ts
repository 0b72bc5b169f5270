/**
 * The hostile corpus, test/fixtures/hostile: what an attacker, or a broken sender, might send. Two
 * kinds: deliveries that are signed rightly, with what becomes of them, and requests as bytes, with
 * how they are answered. What is too large for a file is described, and made here.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../fixtures/hostile');

/** Whatever of the inside no answer may show. */
export const INSIDE =
  /\bselect\b.+\bfrom\b|\binsert into\b|syntax error at|relation "|column "|\bat .+:\d+:\d+|node_modules|\/apps\/api|flywheel_app|kysely|stack/i;

export interface HostileDelivery {
  readonly name: string;
  /** What is hostile about it. */
  readonly why: string;
  /** `applied`, `ignored`, `parked`, or `quarantined:code`. */
  readonly outcome: string;
  readonly make?: Recipe;
}

/** Something repeated, at a place of a good delivery or alone. */
interface Recipe {
  /** Path of the field; absent: the whole body. */
  readonly into?: string;
  readonly open?: string;
  readonly middle?: string;
  readonly close?: string;
  readonly times?: number;
  /** So many fields in `metadata`. */
  readonly keys?: number;
  /** An amount of so many digits. */
  readonly amountDigits?: number;
}

export interface HostileRequest {
  readonly name: string;
  readonly why: string;
  /** Any of these; 0: the connection is closed without an answer. */
  readonly status: number | readonly number[];
  readonly code?: string;
  /** Each character is a byte. `{{token}}` and the like are filled in. */
  readonly raw: string;
}

interface Manifest {
  readonly schema: 'flywheel.hostile/1';
  readonly deliveries: readonly HostileDelivery[];
  readonly requests: readonly HostileRequest[];
}

export const hostile: Manifest = JSON.parse(
  readFileSync(path.join(FOLDER, 'manifest.json'), 'utf8'),
);

export const bodyFile = (name: string): string => path.join(FOLDER, 'deliveries', `${name}.body`);

/** The bytes of a delivery of the corpus. */
export function bodyOf({ name, make }: HostileDelivery): Buffer {
  return make === undefined ? readFileSync(bodyFile(name)) : Buffer.from(made(name, make));
}

const PLACE = '"@@"';

function made(name: string, recipe: Recipe): string {
  const { into, open = '', middle = '', close = '', times = 0, keys, amountDigits } = recipe;
  const text = open.repeat(times) + middle + close.repeat(times);
  if (keys !== undefined) return goodBody(name, 'data.metadata', JSON.stringify(namesUpTo(keys)));
  if (amountDigits !== undefined) return goodBody(name, 'data.total', '9'.repeat(amountDigits));
  if (into === undefined) return text;
  return goodBody(name, into, /^[a-z]+$/i.test(open) ? JSON.stringify(text) : text);
}

const namesUpTo = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, n]));

/** A payment that would be booked, with one field (`data.user.name`) replaced by this text of JSON. */
export function goodBody(name: string, field?: string, text = ''): string {
  const id = name.replaceAll('-', '');
  const at = '2025-05-01T00:00:00.000Z';
  const body: Record<string, unknown> = {
    id: `msg_${id}`,
    type: 'payment.succeeded',
    api_version: 'v1',
    timestamp: at,
    company_id: 'biz_hostile',
    data: {
      id: `pay_${id}`,
      status: 'paid',
      total: 49.99,
      currency: 'usd',
      created_at: at,
      paid_at: at,
      user: { id: `user_${id}`, name: 'Hostile', username: `hostile_${id}` },
      membership: { id: `mem_${id}` },
      metadata: {},
    },
  };
  if (field === undefined) return JSON.stringify(body);
  const names = field.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce((object, key) => object[key] as Record<string, unknown>, body);
  parent[last] = '@@';
  // Not replace(): `$&` in the text would be filled in.
  return JSON.stringify(body).split(PLACE).join(text);
}

export interface RawAnswer {
  /** 0: none came. */
  readonly status: number;
  readonly text: string;
}

const PATIENCE_MS = 20_000;
const QUIET_MS = 1_000;

/** What the server says to these bytes until it closes the connection, or says no more. */
export function sendRaw(url: string, bytes: Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const patience = setTimeout(() => {
      reject(new Error(`neither answered nor closed: ${text}`));
      socket.destroy();
    }, PATIENCE_MS);
    let quiet: NodeJS.Timeout | undefined;
    socket.on('data', (data) => {
      text += data.toString('latin1');
      // Kept for another request, which does not come.
      clearTimeout(quiet);
      quiet = setTimeout(() => socket.destroy(), QUIET_MS);
    });
    // A server that stops reading resets what is still being sent.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(patience);
      clearTimeout(quiet);
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
      resolve({ status, text });
    });
  });
}
