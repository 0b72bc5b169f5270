/**
 * A webhook provider: how one outside system speaks. `verify` proves who sent the bytes,
 * `deliveryId` names the delivery, `translate` is pure and turns one delivery into one telling.
 */
import type { Instant, ReversalKind, ReversalState, StoredClaim } from '#libs/ledger';

/** Header names in lower case, as Node gives them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export type Verification =
  | { readonly ok: true; readonly deliveryId: string; readonly generation: string }
  | { readonly ok: false; readonly code: string; readonly detail: string };

export interface Provider {
  readonly name: string;
  /** Checks the signature over the raw bytes. `now` in unix milliseconds. Never throws. */
  verify(request: { headers: Headers; body: Buffer; now: number }): Verification;
  /** Pure. `receivedAt` in unix seconds: times more than 24 h after it make no sense. Never throws. */
  translate(body: Buffer, receivedAt: Instant): Translation;
  /** What a body that `translate` refuses says all the same; undefined: nobody can tell. Never throws. */
  wordsIn(body: Buffer): ToldWords | undefined;
}

/** Whom a body tells of, and by whom they came. */
export interface ToldWords {
  readonly person: Person;
  readonly claims: ClaimWords;
}

export type Translation =
  | { readonly outcome: 'telling'; readonly type: string; readonly telling: Telling }
  | { readonly outcome: 'ignored'; readonly type: string; readonly reason: string }
  | {
      readonly outcome: 'quarantined';
      readonly type: string | null;
      /** Stable, snake_case: `amount_missing`, `paid_at_in_future`, `body_not_json`… */
      readonly code: string;
      readonly detail: string;
      /** What could still be read, for lists and month closes. */
      readonly creatorId?: string;
      readonly at?: Instant;
    };

/** What one delivery says about one fact; every field that it does not name is absent. */
export type Telling = PaymentTelling | MembershipTelling | ReversalTelling;

export interface Person {
  /** `biz_…` */
  readonly creatorId?: string;
  /** `user_…`; never `mber_…` */
  readonly userId?: string;
  /** `mem_…` */
  readonly membershipId?: string;
  /** Personal data: goes to profiles, never into events. Username lower-cased and trimmed. */
  readonly name?: string;
  readonly username?: string;
  readonly email?: string;
  /** In place of the username, of one who was erased before the delivery was decided (scrub.ts). */
  readonly usernameKey?: string;
}

/** Raw words of possible claims, as told. Codes are trimmed and upper-cased, usernames trimmed and lower-cased. */
export interface ClaimWords {
  /** metadata.referral_code of the payment or membership. */
  readonly metadataCode?: string;
  /** v2's membership_metadata.referral_code. */
  readonly membershipMetadataCode?: string;
  /** affiliate_code of `data` or `data.checkout_configuration`, as told (trimmed). */
  readonly affiliateCode?: string;
  /** Legacy affiliate_username. */
  readonly affiliateUsername?: string;
  /** In place of all words, of a delivery that was scrubbed (scrub.ts). */
  readonly keyed?: readonly StoredClaim[];
}

export interface PaymentTelling {
  readonly kind: 'payment';
  readonly paymentId: string;
  readonly status: 'succeeded' | 'failed';
  readonly person: Person;
  /** Always present when succeeded. */
  readonly paidAt?: Instant;
  readonly createdAt?: Instant;
  /**
   * The sale, always present when succeeded: a non-negative decimal in major units without sign,
   * exponent or superfluous zeros ("49.99", "10", "0"), and the lower-case currency or null when not told.
   * When the currency is told, the decimal has been checked against its exponent.
   */
  readonly amount?: { readonly decimal: string; readonly currency: string | null };
  /** The currency that a failed payment names, lower case: its amount moves nothing, its currency completes the fact. */
  readonly currency?: string;
  readonly billingReason?: string;
  readonly claims: ClaimWords;
}

export interface MembershipTelling {
  readonly kind: 'membership';
  readonly membershipId: string;
  readonly status: 'activated' | 'deactivated';
  readonly person: Person;
  readonly joinedAt?: Instant;
  readonly createdAt?: Instant;
  readonly claims: ClaimWords;
}

/** A refund or dispute: it belongs to whoever paid, so its person is compared and never followed. */
export interface ReversalTelling {
  readonly kind: ReversalKind;
  /** `rf_…` or `dspt_…` */
  readonly reversalId: string;
  readonly paymentId?: string;
  readonly state: ReversalState;
  readonly person: Person;
  /** A non-negative decimal in major units; currency null when not told: that of the sale. */
  readonly amount: { readonly decimal: string; readonly currency: string | null };
  /** The same in another currency; only where one was told. */
  readonly original?: { readonly decimal: string; readonly currency: string };
  readonly createdAt?: Instant;
  /** The envelope's own time, read only where `createdAt` is not told. */
  readonly toldAt?: Instant;
}
