/** Pins a member's tier, or leaves it to the total referrals again. */
import { NativeSelect, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useId, useState } from 'react';
import { useMembers } from '../../api/reads.js';
import {
  type PinnedMember,
  pinTier,
  type TierPinned,
  useReadAgain,
} from '../../api/settings-reads.js';
import { EventAt } from './event-at.js';
import { OrderForm, useOrdering } from './ordering.js';
import classes from './settings.module.css';
import { MAX_REASON } from './when.js';

interface PinFormProps {
  readonly creator: string;
  readonly tiers: readonly string[];
  /** Whose pin is changed; absent: it is asked whose. */
  readonly member: string | undefined;
  readonly pinned: PinnedMember | undefined;
  readonly onClose: () => void;
}

/** The choice of no tier: by total referrals again. */
const NONE = '';
const UNRANKED = 'Unranked';
const TYPING_MS = 250;
const MEMBER = /^user_\w+$/;

export function PinForm({ creator, tiers, member, pinned, onClose }: PinFormProps) {
  const [whose, setWhose] = useState(member ?? '');
  const [tier, setTier] = useState(pinned === undefined ? (tiers[0] ?? UNRANKED) : NONE);
  const [reason, setReason] = useState('');
  const readAgain = useReadAgain(creator);
  const order = { tier: tier === NONE ? null : tier, reason: reason.trim() };
  const id = whose.trim();
  const ordering = useOrdering({
    send: (dryRun) => pinTier({ creator, member: id }, { ...order, dryRun }),
    onDone: ({ position }) => readAgain(position),
    meant: JSON.stringify({ id, ...order }),
  });
  const said = pinned?.name ?? id;
  return (
    <div className={classes.inset}>
      <OrderForm
        label={member === undefined ? 'Pin a tier' : `Change the pin of ${said}`}
        ordering={ordering}
        isComplete={MEMBER.test(id) && order.reason !== ''}
        plan={(answer) => <Plan answer={answer} who={said} />}
        changes={({ changed }) => changed}
        apply={order.tier === null ? 'Unpin' : `Pin to ${order.tier}`}
        done={(answer) => <Done answer={answer} who={said} />}
        onClose={onClose}
      >
        {member === undefined ? (
          <WhoField creator={creator} value={whose} onValue={setWhose} />
        ) : (
          <Text size="sm">
            <b>{said}</b> {pinned === undefined ? 'has no pin' : `is pinned to ${pinned.tier}`}.
          </Text>
        )}
        <NativeSelect
          size="xs"
          maw={260}
          label="Tier from now on"
          value={tier}
          data={[
            { value: NONE, label: 'By total referrals: no pin' },
            ...[UNRANKED, ...tiers].map((name) => ({ value: name, label: name })),
          ]}
          onChange={(event) => setTier(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          label="Reason"
          description="Kept in the log for ever: name no person."
          required
          maxLength={MAX_REASON}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </OrderForm>
    </div>
  );
}

interface WhoFieldProps {
  readonly creator: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function WhoField({ creator, value, onValue }: WhoFieldProps) {
  const list = useId();
  const [settled] = useDebouncedValue(value.trim(), TYPING_MS);
  const found = useMembers(
    creator,
    { q: settled, sort: 'totalReferrals' },
    settled !== '' && !MEMBER.test(settled),
  );
  const members = found.data?.pages[0]?.items ?? [];
  return (
    <>
      <TextInput
        size="xs"
        maw={360}
        label="Member"
        description="Type a part of a name or code and choose, or paste an id."
        placeholder="user_…"
        list={list}
        autoComplete="off"
        value={value}
        onChange={(event) => onValue(event.currentTarget.value)}
      />
      <datalist id={list}>
        {members.map(({ memberId, name, referralCode }) => (
          <option key={memberId} value={memberId} label={`${name} · ${referralCode}`} />
        ))}
      </datalist>
    </>
  );
}

interface AnswerProps {
  readonly answer: TierPinned;
  readonly who: string;
}

const Plan = ({ answer, who }: AnswerProps) => (
  <Text size="sm">
    {!answer.changed
      ? 'It is so already: this would change nothing.'
      : answer.tierPin === null
        ? `${who} would have the tier of the total referrals again, from now on.`
        : `${who} would be ${answer.tierPin.tier} from now on, whatever the total referrals. Months that ended before keep the tier that they had.`}
  </Text>
);

const Done = ({ answer, who }: AnswerProps) =>
  answer.position === null ? (
    'It was so already: nothing was changed.'
  ) : (
    <>
      {answer.tierPin === null ? `${who} is not pinned any more.` : `${who} is pinned.`} The log has
      it as event <EventAt creator={answer.creatorId} position={answer.position} />.
    </>
  );
