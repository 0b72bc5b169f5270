/** Communities that are quickly made: payments are booked straight into the log, an append each. */
import { changeSettings, decodeEvent, execute } from '#libs/application';
import {
  type LedgerEvent,
  type MonthsEvent,
  memberDecider,
  memberStream,
  type SettingsTimeline,
  type SnapshotPage,
} from '#libs/ledger';
import { recordPayment, settingsWith, TEST_DEFAULTS, type TestLedger } from '#libs/testing';

export const NEW_YORK = 'America/New_York';
/** January ends in New York at five in the morning of February 1, UTC. */
export const JANUARY_ENDS = Date.UTC(2026, 1, 1, 5) / 1000;
const ordered = { actor: 'test' };

/** In New York, without grace. */
export async function openCommunity(ledger: TestLedger, creatorId: string): Promise<void> {
  await changeSettings(
    { store: ledger.store, intake: ledger.notices },
    creatorId,
    {
      type: 'ChangeSettings',
      now: JANUARY_ENDS - 90 * 86_400,
      defaults: TEST_DEFAULTS,
      effectiveAt: 'beginning',
      timeZone: NEW_YORK,
      graceHours: 0,
    },
    ordered,
  );
}

const zones: SettingsTimeline['zones'] = [{ fromMonth: null, timeZone: NEW_YORK }];

export interface Paid {
  readonly creatorId: string;
  readonly member: string;
  readonly payment: string;
  /** Unix seconds. */
  readonly paidAt: number;
  readonly amountMinor: bigint;
  readonly referrer?: string;
}

/** The pages of a snapshot, in order. */
export async function pagesOf(ledger: TestLedger, snapshot: string): Promise<SnapshotPage[]> {
  const recorded = (await ledger.store.readStreams([snapshot])).get(snapshot) ?? [];
  return recorded.map(decodeEvent).filter((event) => event.type === 'SnapshotPage');
}

/** One payment in usd, a member's own. */
export async function pay(ledger: TestLedger, paid: Paid): Promise<bigint> {
  const { creatorId, member, payment, paidAt, amountMinor, referrer } = paid;
  const { position } = await execute(ledger.store, {
    decider: memberDecider,
    stream: memberStream(creatorId, `user_${member}`),
    ordered,
    command: recordPayment({
      payment: `pay_${payment}`,
      paidAt: new Date(paidAt * 1000).toISOString(),
      amount: `${amountMinor / 100n}.${String(amountMinor % 100n).padStart(2, '0')}`,
      settings: settingsWith({ zones }),
      ...(referrer === undefined ? {} : { referrer: `user_${referrer}` }),
    }),
  });
  if (position === undefined) throw new Error(`${payment} was booked before`);
  return position;
}

/** Seals of a creator, in order. */
export async function sealsOf(ledger: TestLedger, creatorId: string): Promise<MonthsEvent[]> {
  const stream = `months-${creatorId}`;
  const found = await ledger.store.readStreams([stream]);
  return (found.get(stream) ?? []).map(decodeEvent) as (LedgerEvent & MonthsEvent)[];
}
