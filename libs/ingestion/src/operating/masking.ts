/**
 * What of a delivery's body may be shown. Shown is what is known to be harmless, everything else is
 * masked: a field that Whop invents tomorrow, or a seller's own metadata, may hold a name. So a value
 * is shown only where both its key is listed and its text has the form that the key promises.
 */

/** How a masked value looks; it says of what kind it was, because the kind may be what is wrong. */
export const MASK = { string: '[masked text]', number: '[masked number]' } as const;

/** Ids that Whop and the ledger draw; a prefix alone would not tell them from `ana_lima`. */
const ID =
  /^(biz|user|mem|mber|pay|plan|prod|pass|page|msg|ch|rf|rfnd|dspt|promo|payt|apfee|li|hook|exp|wh)_[A-Za-z0-9_]{1,64}$/;
const WORD = /^[a-z][a-z0-9_]{0,39}$/;
const EVENT = /^[a-z][a-z0-9_.]{0,79}$/;
const TIME = /^\d{4}-\d\d-\d\d([Tt ][\d:.,]{5,21}([Zz]|[+-]\d\d:?\d\d)?)?$|^-?\d{1,13}$/;
const DECIMAL = /^-?\d{1,40}(\.\d{1,20})?$/;
const CURRENCY = /^[A-Za-z]{3,4}$|^whop_usd$/;
const VERSION = /^v?\d[\d.-]{0,11}$/;
/** A drawn code holds no word; one that a person chose may be a name. */
const DRAWN_CODE = /^[0-9A-Z]{4}-[0-9A-Z]{4}$/;
const NEVER = /(?!)/;

const forms: readonly (readonly [form: RegExp, keys: string])[] = [
  [
    ID,
    'id user_id member_id membership_id payment_id plan_id product_id company_id account_id ' +
      'page_id checkout_configuration_id checkout_id refund_id dispute_id promo_code_id ' +
      'payment_method_id membership user company product plan member payment access_pass',
  ],
  [EVENT, 'type action'],
  [
    WORD,
    'status substatus billing_reason provider payment_method_type tax_behavior promo_type ' +
      'reference_status reference_type import',
  ],
  [
    TIME,
    'timestamp created_at updated_at paid_at joined_at refunded_at canceled_at expires_at ' +
      'renewal_period_start renewal_period_end last_payment_attempt next_payment_attempt ' +
      'dispute_alerted_at settlement_time_at provider_created_at needs_response_by',
  ],
  [
    DECIMAL,
    'total subtotal final_amount amount amount_after_fees usd_total refunded_amount tax_amount ' +
      'tax_refunded_amount settlement_amount presentment_total original_amount initial_price ' +
      'renewal_price quantity decimals display_decimals payments_failed amount_captured ' +
      'amount_refunded billing_period',
  ],
  [CURRENCY, 'currency settlement_currency base_currency'],
  [VERSION, 'api_version api_version_date'],
  [DRAWN_CODE, 'referral_code affiliate_code'],
  // Their key may be shown, their text never.
  [
    NEVER,
    'data metadata membership_metadata checkout_configuration name username email phone ' +
      'phone_number address billing_address shipping_address line1 line2 city state postal_code ' +
      'country customer_email customer_phone affiliate_username license_key manage_url title ' +
      'route card card_brand card_last4 brand last4 exp_month exp_year payment_method ' +
      'application_fee promo_code code refunds disputes resolutions line_items items ' +
      'custom_field_responses question answer failure_message internal_notes notes ' +
      'profile_picture url risk_score risk_signals previous_attributes label sku',
  ],
  // Of the ledger's own deliveries: a stream and a keyed hash.
  [/^member-biz_\w+\.user_\w+$/, 'stream'],
  [/^[cu]:[\w-]{22}$|^(payment|membership):\w+$/, 'key'],
];

const formOfKey = new Map(
  forms.flatMap(([form, keys]) => keys.split(' ').map((key) => [key, form] as const)),
);

/** Below these the keys themselves are somebody's own words. */
const OWN_WORDS = new Set(['metadata', 'membership_metadata', 'custom_field_responses']);
const PLAIN_KEY = /^[a-z][a-z0-9_]{0,39}$/;
const MAX_DEPTH = 40;

/** The value of a parsed body with everything masked that is not known to be harmless. Numbers stay what they were. */
export function masked(value: unknown): unknown {
  return maskedAt(value, undefined, false, 0);
}

function maskedAt(value: unknown, form: RegExp | undefined, own: boolean, depth: number): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return form?.test(value) ? value : MASK.string;
  if (typeof value === 'number') return form?.test(String(value)) ? value : MASK.number;
  if (depth >= MAX_DEPTH) return MASK.string;
  // A list holds more of what its key promises.
  if (Array.isArray(value)) return value.map((item) => maskedAt(item, form, own, depth + 1));
  let hidden = 0;
  const shown: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value as object)) {
    const known = formOfKey.get(key);
    const isShown = known !== undefined || (!own && PLAIN_KEY.test(key));
    const name = isShown ? key : `[masked key ${++hidden}]`;
    const below = maskedAt(item, known, own || OWN_WORDS.has(key), depth + 1);
    Object.defineProperty(shown, name, { value: below, enumerable: true });
  }
  return shown;
}

/** What kind of event it says it is: senders write what they like there. */
export const maskedType = (type: string | null): string | null =>
  type === null || EVENT.test(type) ? type : MASK.string;

/** The reason of an outcome, without what it quotes of the body unless that is a number, a currency or an id. */
export function maskedDetail(code: string | null, detail: string | null): string | null {
  if (detail === null) return null;
  // Whatever failed unforeseen may have quoted anything.
  if (code === 'intake_failed') return "the worker's log says what failed";
  const said =
    code !== null && detail.startsWith(`${code}: `) ? detail.slice(code.length + 2) : detail;
  const at = said.indexOf(': ');
  if (at < 0) return said;
  // Three letters are a currency only where one is complained of.
  const forms = [DECIMAL, ID, ...(code?.startsWith('currency_') ? [CURRENCY] : [])];
  const isPlain = forms.some((form) => form.test(said.slice(at + 2)));
  return isPlain ? said : `${said.slice(0, at)}: ${MASK.string}`;
}
