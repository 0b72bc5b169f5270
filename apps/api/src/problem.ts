/**
 * Problems: how every refusal looks on the wire (RFC 9457), and the one table that gives the
 * domain's codes their HTTP status. Codes are stable; details are for people and may change.
 */
import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { ValidationError } from 'class-validator';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** A refusal with a stable code. Throw it anywhere in a request. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly more: {
      readonly errors?: readonly FieldError[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: more.cause });
    this.name = 'Problem';
  }
}

export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
}

export const PROBLEM_TYPE = 'application/problem+json';

/** The body of a problem. `type` is absent, which RFC 9457 reads as about:blank: the code says more. */
export const problemBody = (problem: Problem, requestId: string): ProblemBody => ({
  title: STATUS_CODES[problem.status] ?? 'Error',
  status: problem.status,
  code: problem.code,
  detail: problem.detail,
  requestId,
  ...(problem.more.errors === undefined ? {} : { errors: problem.more.errors }),
});

/** Codes of DomainError whose status their ending does not tell; the ending decides for the others. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  input_invalid: 400,
  not_found: 404,
  // Unknown as values of a parameter, not as something that the address names.
  check_unknown: 400,
  currency_unknown: 400,
  figure_unknown: 400,
  projection_unknown: 400,
  referrer_unknown: 400,
  table_unknown: 400,
  tier_unknown: 400,
  time_zone_unknown: 400,
  field_unknown: 400,
  event_type_unknown: 400,
  referrer_is_member: 400,
  zone_not_at_month_start: 400,
  // A month or a range of a read: nothing in the ledger stands against it, the question is wrong.
  month_in_future: 400,
  month_malformed: 400,
  // Not made yet, or not kept any more.
  difference_missing: 409,
  // The server's own state, and soon another.
  read_models_missing: 503,
  read_models_behind: 503,
  exports_busy: 503,
  explanations_busy: 503,
  // Who it is cannot be found out now.
  jwks_unavailable: 503,
};
const STATUS_OF_ENDING: readonly (readonly [RegExp, number])[] = [
  [/_(not_found|unknown)$/, 404],
  [/_(invalid|malformed|missing|required|too_long|too_short|out_of_range|unsupported)$/, 400],
];
/** Everything else that the domain refuses stands against the state of the ledger. */
const STATUS_OF_REFUSAL = 409;

export const statusOfCode = (code: string): number =>
  STATUS_OF_CODE[code] ??
  STATUS_OF_ENDING.find(([ending]) => ending.test(code))?.[1] ??
  STATUS_OF_REFUSAL;

const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'request_malformed',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  409: 'conflict',
  413: 'body_too_large',
  414: 'url_too_long',
  415: 'content_type_unsupported',
  429: 'rate_limited',
  431: 'headers_too_large',
  503: 'unavailable',
};
const RETRY_AFTER_SECONDS = 5;
/** Headers of what is soon to be had again. */
export const LATER = { 'retry-after': String(RETRY_AFTER_SECONDS) };

/** The problem that an error is. Anything not expected is a 500 that says nothing. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDomainError(error)) {
    const status = statusOfCode(error.code);
    const more = status === 503 ? { headers: LATER, cause: error } : { cause: error };
    return new Problem(status, error.code, error.detail, more);
  }
  // First: a client that hangs up is an ECONNRESET too, and carries a status of 400.
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) return problemOfStatus(status, error);
  if (isLogUnavailable(error))
    return new Problem(503, 'log_unavailable', LOG_UNAVAILABLE, { headers: LATER, cause: error });
  if (isDatabaseUnavailable(error))
    return new Problem(503, 'database_unavailable', 'The database does not answer.', {
      headers: LATER,
      cause: error,
    });
  return new Problem(500, 'internal_error', 'Something failed that should not have.', {
    cause: error,
  });
}

const DETAIL_OF_STATUS: Readonly<Record<number, string>> = {
  404: 'There is nothing here.',
  408: 'The request took too long to arrive.',
  413: 'The body is larger than this route accepts.',
  414: 'The address is too long.',
  415: 'Send application/json, utf-8, not compressed.',
  431: 'The headers are too large.',
};

function problemOfStatus(status: number, cause: unknown): Problem {
  const code = CODE_OF_STATUS[status] ?? 'request_refused';
  const detail = DETAIL_OF_STATUS[status] ?? 'The request could not be understood.';
  return new Problem(status, code, detail, { cause });
}

/** Problem of a status that Node or Fastify chose before any handler ran. */
export const problemOfFrameworkStatus = (status: number): Problem =>
  problemOfStatus(status, undefined);

/** 400 `input_invalid` naming every field that class-validator refused. */
export function problemOfValidation(errors: readonly ValidationError[]): Problem {
  const list = errors.flatMap((error) => fieldErrors(error, ''));
  return new Problem(400, 'input_invalid', 'The request names fields that cannot be accepted.', {
    errors: list.slice(0, MAX_FIELD_ERRORS),
  });
}

const MAX_FIELD_ERRORS = 50;

function fieldErrors(error: ValidationError, parent: string): FieldError[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

interface DomainErrorShape {
  readonly code: string;
  readonly detail: string;
}

function isDomainError(error: unknown): error is Error & DomainErrorShape {
  return (
    error instanceof Error &&
    error.name === 'DomainError' &&
    'code' in error &&
    typeof error.code === 'string' &&
    'detail' in error &&
    typeof error.detail === 'string'
  );
}

const LOG_UNAVAILABLE =
  'The log does not answer. What was ordered may be in it or may not: order the same again.';
const isLogUnavailable = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'log_unavailable' || error.code === 'cluster_refused');

/** Node's codes of a connection that fails, and PostgreSQL's of a server that starts, stops or is full. */
const UNAVAILABLE_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|08...|57P0[123]|53300|53400)$/;
/** pg's own failures, which carry no code. */
const UNAVAILABLE_MESSAGE =
  /^(timeout (exceeded|expired)|Connection terminated|Client has encountered a connection error)/;

function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && UNAVAILABLE_CODES.test(error.code))
    return true;
  return UNAVAILABLE_MESSAGE.test(error.message);
}
