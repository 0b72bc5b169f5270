/**
 * Keep-alive connections that send requests rendered beforehand, one at a time each, and read no
 * more of an answer than where it ends: the sender must cost less than what it measures.
 */
import { Socket } from 'node:net';

export interface Answered {
  readonly status: number;
  /** Value of the header asked for, if the answer has it. */
  readonly header: string | undefined;
}

export class Connection {
  private readonly socket = new Socket();
  private received = '';
  private done: ((answered: Answered) => void) | undefined;
  private failed: ((error: Error) => void) | undefined;

  private constructor(private readonly header: string | undefined) {
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => this.take(chunk));
    this.socket.on('error', (error) => this.failed?.(error));
    this.socket.on('close', () => this.failed?.(new Error('the server closed the connection')));
  }

  /** `header`: name, in lower case, of one header to be read of every answer. */
  static async open(url: string, header?: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const connection = new Connection(header);
    await new Promise<void>((resolve, reject) => {
      connection.failed = reject;
      connection.socket.connect(Number(port), hostname, resolve);
    });
    return connection;
  }

  /** Calls back once, when the whole answer has come. */
  send(request: Buffer, done: (answered: Answered) => void, failed: (error: Error) => void): void {
    this.done = done;
    this.failed = failed;
    this.socket.write(request);
  }

  close(): void {
    this.failed = undefined;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received += chunk.toString('latin1');
    const head = this.received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(headerOf(this.received, 'content-length') ?? 0);
    if (this.received.length < head + 4 + length) return;
    const status = Number(this.received.slice(9, 12));
    const header = this.header === undefined ? undefined : headerOf(this.received, this.header);
    this.received = '';
    this.done?.({ status, header });
  }
}

function headerOf(answer: string, name: string): string | undefined {
  const at = answer.indexOf(`\r\n${name}: `);
  if (at < 0) return undefined;
  const start = at + name.length + 4;
  return answer.slice(start, answer.indexOf('\r\n', start));
}

/** A whole HTTP/1.1 request. */
export function requestBytes(
  method: 'GET' | 'POST',
  url: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Buffer {
  const { host, pathname, search } = new URL(url);
  const length = method === 'POST' ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  const lines = Object.entries({ host, ...headers, ...length }).map(([k, v]) => `${k}: ${v}\r\n`);
  return Buffer.from(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
