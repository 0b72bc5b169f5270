/** What narrows the list, each condition on its own: what it is, and the way to be rid of it. */
import { ActionIcon, Button, Popover } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useEvent } from '../../api/event-reads.js';
import { useMember } from '../../api/reads.js';
import { useMe } from '../../api/session.js';
import type { EventsSearch } from '../../router-log.js';
import { countText } from '../../ui/figures.js';
import { CloseIcon, PlusIcon } from '../../ui/icons.js';
import { Conditions } from './conditions.js';
import classes from './events.module.css';

const route = getRouteApi('/house/events');

type Name = 'creator' | 'type' | 'member' | 'stream' | 'from' | 'to' | 'corr';
const WORDS: Readonly<Record<Name, string>> = {
  creator: 'creator',
  type: 'type',
  member: 'member',
  stream: 'stream',
  from: 'recorded from',
  to: 'recorded to',
  corr: 'same cause as',
};
const NAMES = Object.keys(WORDS) as Name[];

export function Chips() {
  const search = route.useSearch();
  const me = useMe();
  const navigate = route.useNavigate();
  const [isOpen, setOpen] = useState(false);
  const { corr, stream } = search;
  // One of a stream or a cause says whose it is.
  const said = NAMES.filter((name) => {
    if (search[name] === undefined) return false;
    if (corr !== undefined) return name === 'corr';
    return stream === undefined || (name !== 'creator' && name !== 'member');
  });
  return (
    <>
      {said.map((name) => (
        <span key={name} className={classes.chip}>
          <span>
            <span className={classes.dim}>{WORDS[name]}</span> <Value of={search} name={name} />
          </span>
          {/* Who may see one creator sees no other. */}
          {!(name === 'creator' && me?.creatorId !== null) && (
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={`Without ${WORDS[name]}`}
              onClick={() =>
                void navigate({
                  search: (old) => ({ ...old, [name]: undefined, pos: undefined }),
                })
              }
            >
              <CloseIcon size={13} />
            </ActionIcon>
          )}
        </span>
      ))}
      {corr === undefined && (
        <Popover
          opened={isOpen}
          onChange={setOpen}
          position="bottom-start"
          width={320}
          shadow="md"
          trapFocus
          returnFocus
        >
          <Popover.Target>
            <Button
              size="xs"
              h={30}
              variant="default"
              leftSection={<PlusIcon size={14} />}
              onClick={() => setOpen((was) => !was)}
            >
              Filter
            </Button>
          </Popover.Target>
          <Popover.Dropdown>
            <Conditions onDone={() => setOpen(false)} />
          </Popover.Dropdown>
        </Popover>
      )}
    </>
  );
}

function Value({ of, name }: { readonly of: EventsSearch; readonly name: Name }) {
  const { creator, member, corr } = of;
  const isMember = name === 'member' && creator !== undefined && member !== undefined;
  const asked = { creator: creator ?? '', member: member ?? '', month: undefined };
  if (isMember) return <MemberOf {...asked} />;
  if (name === 'corr' && corr !== undefined) return <EventOf id={corr} />;
  return <b>{of[name]}</b>;
}

function MemberOf(of: { creator: string; member: string; month: undefined }) {
  const { data } = useMember(of);
  return <b title={of.member}>{data?.name ?? of.member}</b>;
}

function EventOf({ id }: { readonly id: string }) {
  const { data } = useEvent(id);
  return <b>{data === undefined ? id : `#${countText(data.position)}`}</b>;
}
