/** Deliveries that the ledger sends itself: effects of one member's facts on another member's stream. */

export interface InternalTask {
  /** Whose claims to look at again. */
  readonly stream: string;
  /** The claim key whose owner changed. */
  readonly key: string;
}

export const internalBody = ({ stream, key }: InternalTask): string =>
  JSON.stringify({ stream, key });

export function internalTaskOf(body: Buffer): InternalTask {
  const { stream, key } = JSON.parse(body.toString('utf8')) as InternalTask;
  return { stream, key };
}
