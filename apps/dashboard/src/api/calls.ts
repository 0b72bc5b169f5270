/** What the pages asked of the server, for who wants to ask the same themselves: `~` shows it. */
export interface Call {
  /** The page that asked: its path. */
  readonly page: string;
  /** What was asked, with its query. */
  readonly address: string;
  readonly status: number;
}

/** By page and address, the newest last. */
export const calls = new Map<string, Call>();
const MOST = 300;

/** Questions alone: what is ordered stands in the log, and may say what nobody is to see again. */
export function noteCall({ method, url }: Request, { status }: Response): void {
  if (method !== 'GET') return;
  const page = window.location.pathname;
  const address = url.slice(window.location.origin.length);
  const key = `${page} ${address}`;
  calls.delete(key);
  calls.set(key, { page, address, status });
  const [oldest] = calls.keys();
  if (calls.size > MOST && oldest !== undefined) calls.delete(oldest);
}
