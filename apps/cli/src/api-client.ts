/**
 * HTTP to a running Flywheel over kept connections. Answers are taken as they are: programs that
 * ask with `--json` get what the server said.
 */
import http from 'node:http';
import https from 'node:https';
import { CliError, EXIT, type ExitCode } from './exit.js';

export interface ApiClientOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** Connections kept open; further requests wait. */
  readonly connections?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

const TIMEOUT_MS = 30_000;

export class ApiClient {
  readonly url: string;
  readonly #base: URL;
  readonly #token: string | undefined;
  readonly #agent: http.Agent;

  constructor({ url, token, connections = 4 }: ApiClientOptions) {
    this.url = url;
    this.#base = new URL(url);
    this.#token = token;
    const { Agent } = this.#base.protocol === 'https:' ? https : http;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'lifo' });
  }

  /** The object of a read. Throws CliError for any refusal. */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#object(await this.#admin('GET', withQuery(path, query)), path);
  }

  async put<T>(path: string, body: object): Promise<T> {
    return this.#object(await this.#admin('PUT', path, JSON.stringify(body)), path);
  }

  async post<T>(path: string, body: object): Promise<T> {
    return this.#object(await this.#admin('POST', path, JSON.stringify(body)), path);
  }

  async delete<T>(path: string, body?: object): Promise<T> {
    const text = body && JSON.stringify(body);
    return this.#object(await this.#admin('DELETE', path, text), path);
  }

  /** Lines of NDJSON; the answer whatever its status is. */
  sendLines(path: string, query: Query, lines: Buffer): Promise<Answer> {
    return this.#admin('POST', withQuery(path, query), lines, 'application/x-ndjson');
  }

  /** The answer whatever its status is; throws CliError only where there is none. */
  ask(path: string, query: Query = {}): Promise<Answer> {
    return this.#admin('GET', withQuery(path, query));
  }

  /** The bytes of a long answer as they come. Throws CliError for any refusal, and when it breaks off. */
  async *download(path: string, query: Query, accept: string): AsyncGenerator<Uint8Array> {
    const { request } = this.#base.protocol === 'https:' ? https : http;
    const headers = { ...this.#authorised(), accept };
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const sent = request(this.#optionsOf('GET', withQuery(path, query), headers), resolve);
      sent.once('error', (error) => reject(unreachable(this.url, error)));
      sent.once('timeout', () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
      sent.end();
    });
    try {
      if (response.statusCode === 200) yield* response as AsyncIterable<Uint8Array>;
    } catch (cause) {
      throw new CliError(EXIT.failed, 'The answer broke off: what was written is not all of it.', {
        code: 'answer_incomplete',
        next: 'the same command again',
        cause,
      });
    }
    if (response.statusCode === 200) return;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const { statusCode: status = 0, headers: said } = response;
    throw refusalOf({ status, headers: said, text }, path);
  }

  /** A body with headers of its own and without the token: a delivery. */
  async deliver(
    path: string,
    body: string | Buffer,
    headers: Record<string, string>,
  ): Promise<Answer> {
    return this.#send('POST', path, headers, body);
  }

  close(): void {
    this.#agent.destroy();
  }

  #admin(
    method: string,
    path: string,
    body?: string | Buffer,
    type = 'application/json',
  ): Promise<Answer> {
    const headers: Record<string, string> = { ...this.#authorised(), accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = type;
    return this.#send(method, path, headers, body);
  }

  #authorised(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  #optionsOf(method: string, path: string, headers: http.OutgoingHttpHeaders): http.RequestOptions {
    return {
      agent: this.#agent,
      protocol: this.#base.protocol,
      hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
      port: this.#base.port,
      method,
      path: this.#base.pathname.replace(/\/$/, '') + path,
      headers,
      timeout: TIMEOUT_MS,
    };
  }

  #object<T>(answer: Answer, path: string): T {
    if (answer.status >= 400) throw refusalOf(answer, path);
    try {
      return JSON.parse(answer.text) as T;
    } catch (cause) {
      throw new CliError(EXIT.failed, `${this.url} does not answer like a Flywheel.`, {
        code: 'answer_unreadable',
        why: `${path} answered ${answer.status} without JSON`,
        next: 'check --url, HOST and PORT',
        cause,
      });
    }
  }

  #send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ): Promise<Answer> {
    const { request } = this.#base.protocol === 'https:' ? https : http;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const failed = (error: Error) => reject(unreachable(this.url, error));
      const sent = request(this.#optionsOf(method, path, { ...headers, ...length }), (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', failed);
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      sent.once('error', failed);
      sent.once('timeout', () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
      sent.end(body);
    });
  }
}

/** A path of the API from its parts, each one encoded. */
export const pathOf = (...parts: readonly string[]): string =>
  `/${parts.map((part) => encodeURIComponent(part)).join('/')}`;

function withQuery(path: string, query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of [value ?? []].flat()) given.append(name, String(one));
  return given.size === 0 ? path : `${path}?${given}`;
}

function unreachable(url: string, error: Error): CliError {
  const { code } = error as NodeJS.ErrnoException;
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return new CliError(EXIT.unreachable, `No Flywheel answers at ${url}.`, {
    code: 'server_unreachable',
    why: first instanceof Error ? first.message : code,
    next: 'start one with `flywheel up`, or name another with --url',
    cause: error,
  });
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** What a refusal of the server means for a command. */
export function refusalOf(answer: Answer, path: string): CliError {
  const problem = problemOf(answer.text);
  const code = problem.code ?? `http_${answer.status}`;
  const what = problem.detail ?? problem.title ?? `${path} answered ${answer.status}.`;
  const fields = problem.errors?.map(({ message }) => message).join('; ');
  const { exitCode, next } = meaningOf(answer.status, code);
  return new CliError(exitCode, what, { code, why: fields, next });
}

function problemOf(text: string): Problem {
  try {
    const problem: unknown = JSON.parse(text);
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

function meaningOf(status: number, code: string): { exitCode: ExitCode; next?: string } {
  if (code === 'admin_not_configured')
    return { exitCode: EXIT.notAllowed, next: 'set FLYWHEEL_ADMIN_TOKEN for the server' };
  if (status === 401 || status === 403)
    return {
      exitCode: EXIT.notAllowed,
      next: 'give a token that opens this with --token-file, or the server’s as FLYWHEEL_ADMIN_TOKEN',
    };
  if (code === 'creator_not_found')
    return { exitCode: EXIT.failed, next: 'name another creator with --creator' };
  if (code === 'checks_running') return { exitCode: EXIT.busy, next: 'try again in a moment' };
  if (/^replay_(running|expired|promoting)$/.test(code))
    return { exitCode: EXIT.busy, next: 'flywheel replay list' };
  if (status === 404) return { exitCode: EXIT.failed };
  if (status === 409) return { exitCode: EXIT.failed };
  if (status === 503 || status === 429)
    return { exitCode: EXIT.unreachable, next: 'try again in a moment: flywheel status' };
  if (status === 400 || status === 422) return { exitCode: EXIT.usage };
  return { exitCode: EXIT.failed, next: 'flywheel status' };
}
