/** A refusal by a rule of the domain; `code` is stable and reaches answers and quarantine reasons. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
