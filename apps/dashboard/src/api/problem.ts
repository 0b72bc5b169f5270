/** What can go wrong with a request, said so that a person knows what to do. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly status: number,
    /** Stable; `unreachable` when nothing answered. */
    readonly code: string,
    readonly detail: string,
    readonly requestId: string | undefined,
    /** The request: GET /api/creators/… */
    readonly request: string,
  ) {
    super(detail);
  }
}

interface ProblemBody {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly requestId?: unknown;
}

/** The problem that an answer is (RFC 9457); whatever else came is one without a code of its own. */
export async function problemOf(response: Response, request: Request): Promise<ProblemError> {
  const said = (await response.json().catch(() => ({}))) as ProblemBody;
  return new ProblemError(
    response.status,
    textOr(said.code, 'unknown'),
    textOr(said.detail, `The server answered ${response.status}.`),
    typeof said.requestId === 'string' ? said.requestId : undefined,
    nameOf(request),
  );
}

export const unreachable = (request: Request): ProblemError =>
  new ProblemError(0, 'unreachable', 'The server does not answer.', undefined, nameOf(request));

const textOr = (value: unknown, otherwise: string): string =>
  typeof value === 'string' && value !== '' ? value : otherwise;

const nameOf = ({ method, url }: Request): string => {
  const { pathname, search } = new URL(url);
  return `${method} ${pathname}${search}`;
};

/** Nobody is signed in, or not any more. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof ProblemError && error.status === 401;
