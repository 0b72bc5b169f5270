/** Speaks HTTP with a Flywheel under test: reads as an admin, deliveries as Whop. */
import http from 'node:http';
import { instantOf, systemClock } from '#libs/ledger';
import type { HistoryDelivery } from '../reference/histories.js';
import { requestOf } from '../reference/wire.js';
import { until } from './running.js';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface Request {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: http.OutgoingHttpHeaders;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface Projections {
  readonly head: number;
  readonly pendingDeliveries: number;
  readonly projections: readonly { readonly position: number; readonly lag: number }[];
}

export const WEBHOOKS = '/api/webhooks/whop';
const PAGE = 37; // odd, so that lists have several pages and the last is not full
const ANSWER_LIMIT_MS = 30_000;

export class Client {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  close(): void {
    this.#agent.destroy();
  }

  /** Whatever the answer is; rejects when there is none. */
  ask(path: string, { method = 'GET', body, headers = {} }: Request = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: this.#agent, timeout: ANSWER_LIMIT_MS };
      const request = http.request(new URL(path, this.url), options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.once('error', reject);
      request.once('timeout', () => request.destroy(new Error('no answer')));
      request.end(body);
    });
  }

  /** Throws unless it is answered with 200. */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) asked.set(name, String(value));
    return this.#told(await this.ask(`${path}?${asked}`, { headers: this.#admin }), path);
  }

  async put<T>(path: string, body: object): Promise<T> {
    const headers = { ...this.#admin, 'content-type': 'application/json' };
    return this.#told(
      await this.ask(path, { method: 'PUT', body: JSON.stringify(body), headers }),
      path,
    );
  }

  /** An order, whatever the answer is; rejects when there is none. */
  order(method: 'POST' | 'DELETE', path: string, body?: object): Promise<Answer> {
    if (body === undefined) return this.ask(path, { method, headers: this.#admin });
    const headers = { ...this.#admin, 'content-type': 'application/json' };
    return this.ask(path, { method, body: JSON.stringify(body), headers });
  }

  /** A whole list, page by page. */
  async all<T>(path: string, query: Query = {}, limit = PAGE): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await this.get<{ items: T[]; nextCursor: string | null }>(path, {
        ...query,
        limit,
        cursor,
      });
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    }
    return items;
  }

  /** One attempt of one delivery, signed now. */
  deliver(delivery: HistoryDelivery, secret: string): Promise<Answer> {
    const timestamp = instantOf(systemClock.now());
    const { body, headers } = requestOf(delivery, { secret, timestamp });
    return this.ask(WEBHOOKS, { method: 'POST', body, headers });
  }

  async metrics(): Promise<string> {
    return (await this.ask('/metrics', { headers: this.#admin })).text;
  }

  /** Until nothing is pending and every read model contains the whole log. */
  async settled(): Promise<Projections> {
    let found: Projections | undefined;
    await until('everything is booked', async () => {
      found = await this.get<Projections>('/api/admin/projections').catch(() => undefined);
      return found?.pendingDeliveries === 0 && found.projections.every(({ lag }) => lag === 0);
    });
    return found as unknown as Projections; // until() found it
  }

  get #admin(): http.OutgoingHttpHeaders {
    return { authorization: `Bearer ${this.token}` };
  }

  #told<T>({ status, text }: Answer, path: string): T {
    if (status !== 200) throw new Error(`${path} was answered with ${status}: ${text}`);
    return JSON.parse(text);
  }
}

/** Does them all, some at a time; rejects with the first that fails. */
export async function inParallel<T>(
  things: Iterable<T>,
  lanes: number,
  act: (thing: T) => Promise<void>,
): Promise<void> {
  const iterator = things[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next())
      await act(next.value);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
