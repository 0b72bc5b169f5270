/**
 * The tables of truth, as the migrations make them. Read models are not here: the projector makes
 * those, and any of them may be dropped. bigint columns come from pg as strings and are parsed by
 * whoever owns the table.
 */
import type { ColumnType, Generated, Kysely, Transaction as KyselyTransaction } from 'kysely';

type Big = ColumnType<string, string | bigint, string | bigint>;
type Moment = ColumnType<Date, Date | string, Date | string>;

/** The log. Inserted and read only: triggers and privileges refuse the rest. */
export interface EventsTable {
  position: Big;
  stream: string;
  revision: Big;
  id: string;
  type: string;
  effective_at: Moment;
  recorded_at: Moment;
  data: ColumnType<unknown, string, never>;
  metadata: ColumnType<unknown, string, never>;
}

export type DeliveryOutcome =
  | 'pending' // stored, not yet decided
  | 'applied' // events say what it added
  | 'unchanged' // all of it was known already
  | 'ignored' // of a type that moves nothing
  | 'parked' // waits for its parent or person
  | 'quarantined' // makes no sense as it stands
  | 'excluded'; // set aside by an admin with a reason

export type BodyForm =
  | 'plain' // as it came: of a delivery that the ledger tells itself, or of an earlier release
  | 'sealed' // as it came, sealed
  | 'scrubbed'; // sealed, and without the words of a person who was erased before it was decided

/** One HTTP call each (or an internal one), kept raw; the row outlives its body. */
export interface DeliveriesTable {
  /** Order of arrival. */
  id: Generated<string>;
  /** `whop`, or `internal` for what the ledger tells itself. */
  provider: string;
  /** The provider's id of the delivery, or the SHA-256 of its bytes. */
  delivery_id: string;
  body_sha256: Buffer;
  generation: string;
  /** Null once retention has passed or a person was erased. */
  body: Buffer | null;
  /** How `body` is kept (libs/ingestion, bodies.ts); in plain only what the ledger tells itself. */
  body_form: ColumnType<BodyForm, BodyForm | undefined, BodyForm>;
  /** Marks of those whom it tells of (libs/vault); null until it was looked at. */
  subjects: ColumnType<string[] | null, never, string | null>;
  headers: ColumnType<unknown, string | null, string | null>;
  received_at: Moment;
  outcome: ColumnType<DeliveryOutcome, DeliveryOutcome | undefined, DeliveryOutcome>;
  type: string | null;
  code: string | null;
  detail: string | null;
  creator_id: string | null;
  /** Time of what it tells, where it could be read. */
  effective_at: ColumnType<Date | null, Date | string | null, Date | string | null>;
  /** Position of the last event that it caused. */
  position: ColumnType<string | null, string | bigint | null, string | bigint | null>;
  decided_at: ColumnType<Date | null, Date | string | null, Date | string | null>;
}

/** Which member stream a key belongs to: `payment:pay_…`, `membership:mem_…`, `code:<hash>`. Rebuildable from the events. */
export interface RoutesTable {
  key: string;
  stream: string;
  /** A vanity code resolves only claims dated after it was set. Null: from the beginning. */
  not_before: ColumnType<string | null, string | number | null, string | number | null>;
}

/** Members who carry a username (by its keyed hash), each with the earliest (time, id) of their facts that do: the first of them owns it. Rebuildable from the events. */
export interface BearersTable {
  key: string;
  stream: string;
  at: ColumnType<string, string | number, string | number>;
  source_id: string;
}

/** What is known of the person behind a payment or membership while it is not enough for a stream: one delivery named the creator, another may name the user. */
export interface HalvesTable {
  key: string;
  creator_id: string | null;
  user_id: string | null;
}

/** Parked deliveries by the key whose route they wait for. */
export interface WaitingTable {
  key: string;
  delivery: Big;
}

/** Member streams by the claim keys that they carry: a changed route of the key wakes them. Rebuildable from the events. */
export interface WatchersTable {
  key: string;
  stream: string;
}

/** Personal data, apart from the log; `erased_at` set: nothing is ever stored here again. */
export interface ProfilesTable {
  creator_id: string;
  member_id: string;
  /** Name, username and email (libs/vault); null: erased. */
  sealed: Buffer | null;
  /** What lists show: name, else username, sealed, in base64. */
  shown: string | null;
  /** Marks by which a search finds it. */
  search: ColumnType<string[] | null, string | null, string | null>;
  /** (time, id) of the fact that told it: the newest wins. */
  told_at: Big;
  told_by: string;
  erased_at: ColumnType<Date | null, Date | string | null, Date | string | null>;
}

/** Marks of those who were erased: what is told of them later is kept no longer than it takes to decide it. */
export interface ErasedSubjectsTable {
  mark: Big;
  erased_at: ColumnType<Date, Date | string | undefined, never>;
}

/** What operators ordered of deliveries; inserted and read only. */
export interface DeliveryOrdersTable {
  id: Generated<string>;
  delivery: Big;
  ordered: 'redrive' | 'exclude';
  actor: string;
  reason: string | null;
  /** What the delivery was when it was ordered. */
  outcome_before: DeliveryOutcome;
  code_before: string | null;
  at: ColumnType<Date, Date | string | undefined, never>;
}

/** Checkpoint and pointer of each read model. */
export interface ProjectionsTable {
  name: string;
  version: number;
  schema: string;
  position: Big;
  /** recorded_at of the event at `position`, unix milliseconds; 0 before the first. */
  recorded_at: Big;
}

/** Who runs a loop; the epoch fences a holder that was replaced. */
export interface LeasesTable {
  name: string;
  epoch: Big;
  holder: string | null;
  /** Backend whose advisory lock proves the holder's life. */
  backend_pid: number | null;
  expires_at: Moment;
}

/** Keys that the ledger made for itself at its first start. */
export interface SecretsTable {
  name: string;
  value: Buffer;
}

/** What each check found when it was last run. */
export interface CheckResultsTable {
  name: string;
  severity: 'error' | 'warning';
  violations: Big;
  /** The first counter-examples. */
  first: ColumnType<unknown, string, string>;
  /** Of the read models that were checked. */
  position: Big;
  duration_ms: number;
  ran_at: Moment;
}

/** Months that were due and could not be closed when it was last tried. */
export interface BlockedMonthsTable {
  creator_id: string;
  month: string;
  code: string;
  detail: string;
  since: Moment;
  tried_at: Moment;
}

export type ReplayState =
  | 'ordered' // nobody has begun it
  | 'running' // tables are built
  | 'comparing' // they are compared with those that serve
  | 'ready' // to be looked at, and to be promoted or discarded
  | 'promoting' // somebody ordered it: it catches up and switches
  | 'promoted' // it serves, or served
  | 'discarded' // by an order, or because its time is over: `code` says why
  | 'failed'; // `code` and `detail` say why

/** Replays that were ordered, one at work at a time; libs/application tells them. */
export interface ReplaysTable {
  id: Generated<string>;
  state: ColumnType<ReplayState, ReplayState | undefined, ReplayState>;
  /** Null: all. */
  projections: string[] | null;
  /** A position, or an instant; null: the present. */
  until: string | null;
  actor: string;
  reason: string | null;
  /** The set of projections that it was ordered for (libs/projector, `registerText`). */
  register: string;
  /** Is promoted without being looked at: the projections have changed. */
  automatic: ColumnType<boolean, boolean | undefined, never>;
  ordered_at: ColumnType<Date, never, never>;
  /** When anybody last wrote to the row. */
  touched_at: ColumnType<Date, Date | undefined, Date>;
  /** Counts the changes of the row, for those who watch it. */
  revision: ColumnType<string, never, string>;
  attempts: ColumnType<number, never, number>;
  /** Of the lease under which it runs. */
  epoch: ColumnType<string | null, never, string | null>;
  started_at: ColumnType<Date | null, never, Date | null>;
  /** Where its tables are; null: they are gone, or not there yet. */
  schema: ColumnType<string | null, never, string | null>;
  phase: ColumnType<string | null, never, string | null>;
  at_table: ColumnType<string | null, never, string | null>;
  position: ColumnType<string | null, never, string | null>;
  head: ColumnType<string | null, never, string | null>;
  events_per_second: ColumnType<string | null, never, string | null>;
  /** Attempts that failed; `code` and `detail` are of the last. */
  errors: ColumnType<number, never, number>;
  code: ColumnType<string | null, never, string | null>;
  detail: ColumnType<string | null, never, string | null>;
  ready_at: ColumnType<Date | null, never, Date | null>;
  /** What differed, when it was compared. */
  summary: ColumnType<unknown, never, string | null>;
  difference_hash: ColumnType<string | null, never, string | null>;
  promote_actor: ColumnType<string | null, never, string | null>;
  promote_reason: ColumnType<string | null, never, string | null>;
  /** Of the event that says that it was promoted. */
  event_position: ColumnType<string | null, never, string | null>;
  ended_at: ColumnType<Date | null, never, Date | null>;
}

/** Tokens of the interface, by their SHA-256; made, used and revoked by libs/access. */
export interface TokensTable {
  id: Generated<string>;
  role: ColumnType<string, string, never>;
  creator_id: ColumnType<string | null, string | null, never>;
  member_id: ColumnType<string | null, string | null, never>;
  label: ColumnType<string | null, string | null, never>;
  sha256: ColumnType<Buffer, Buffer, never>;
  created_at: ColumnType<Date, never, never>;
  created_by: ColumnType<string, string, never>;
  expires_at: ColumnType<Date | null, Date | null, never>;
  /** To the minute. */
  last_used_at: ColumnType<Date | null, never, Date>;
  revoked_at: ColumnType<Date | null, never, Date>;
  revoked_by: ColumnType<string | null, never, string>;
}

/** Who is signed in, by the SHA-256 of what the cookie holds; libs/access tells it. */
export interface SessionsTable {
  sha256: ColumnType<Buffer, Buffer, never>;
  role: ColumnType<string, string, never>;
  creator_id: ColumnType<string | null, string | null, never>;
  member_id: ColumnType<string | null, string | null, never>;
  actor: ColumnType<string, string, never>;
  /** Of the token that it was opened with, directly or by a link: it ends with that. */
  token_id: ColumnType<string | null, string | null, never>;
  /** Binds it to the admin's configured token in the same way. */
  proof: ColumnType<Buffer | null, Buffer | null, never>;
  opened_at: ColumnType<Date, Date, never>;
  /** To the minute. */
  seen_at: ColumnType<Date, Date, Date>;
  expires_at: ColumnType<Date, Date, never>;
}

/** Links that open a session once, by the SHA-256 of their code; libs/access tells it. */
export interface SignInLinksTable {
  id: ColumnType<string, string, never>;
  sha256: ColumnType<Buffer, Buffer, never>;
  role: ColumnType<string, string, never>;
  creator_id: ColumnType<string | null, string | null, never>;
  member_id: ColumnType<string | null, string | null, never>;
  made_at: ColumnType<Date, Date, never>;
  made_by: ColumnType<string, string, never>;
  token_id: ColumnType<string | null, string | null, never>;
  proof: ColumnType<Buffer | null, Buffer | null, never>;
  expires_at: ColumnType<Date, Date, never>;
  used_at: ColumnType<Date | null, never, Date>;
}

export interface Tables {
  events: EventsTable;
  deliveries: DeliveriesTable;
  routes: RoutesTable;
  bearers: BearersTable;
  halves: HalvesTable;
  waiting: WaitingTable;
  delivery_orders: DeliveryOrdersTable;
  watchers: WatchersTable;
  profiles: ProfilesTable;
  erased_subjects: ErasedSubjectsTable;
  projections: ProjectionsTable;
  leases: LeasesTable;
  secrets: SecretsTable;
  check_results: CheckResultsTable;
  blocked_months: BlockedMonthsTable;
  replays: ReplaysTable;
  tokens: TokensTable;
  sessions: SessionsTable;
  sign_in_links: SignInLinksTable;
}

export type Database = Kysely<Tables>;
export type Transaction = KyselyTransaction<Tables>;
