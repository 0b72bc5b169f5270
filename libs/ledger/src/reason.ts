/** Why an admin ordered something: one line of text that the log keeps for ever; it must name no person. */
import { DomainError } from './values/domain-error.js';

export const MAX_REASON_LENGTH = 500;

/** Throws `reason_required`. Control characters have no place in a line of text, and lone surrogates none in the log. */
export function checkReason(reason: string): void {
  const isText = /^[^\p{Cc}\p{Cs}]+$/u.test(reason) && reason.trim() !== '';
  if (isText && reason.length <= MAX_REASON_LENGTH) return;
  throw new DomainError(
    'reason_required',
    `say why in one line of 1 to ${MAX_REASON_LENGTH} characters`,
  );
}
