/** A key that is missing or wrong, or bytes that no key opens: said before anything is read or written. */
export type VaultErrorCode =
  /** There is a database of one's own and no FLYWHEEL_DATA_KEY. */
  | 'data_key_missing'
  /** The ledger was sealed with another key. */
  | 'data_key_wrong'
  /** Sealed bytes were altered, cut, or moved to another place. */
  | 'sealed_altered'
  /** The ledger still holds personal data in plain: it is sealed before anything starts. */
  | 'ledger_unsealed';

export class VaultError extends Error {
  override readonly name = 'VaultError';

  constructor(
    readonly code: VaultErrorCode,
    message: string,
  ) {
    super(message);
  }
}
