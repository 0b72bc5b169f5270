/** One field for whatever somebody has: a position, an instant, an id, a type. `/` leads into it. */
import { TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { positionOfMoment, streamOfFact } from '../../api/event-reads.js';
import { SearchIcon } from '../../ui/icons.js';
import { type Wanted, wantedOf } from './words.js';

const route = getRouteApi('/house/events');

const HELP =
  'A #position, a day, month or time of recording (UTC), a type, user_…, pay_…, mem_… or the id of an event.';

export function GoTo() {
  const navigate = route.useNavigate();
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const narrow = (changes: Parameters<typeof searchWith>[0]): void =>
    void navigate({ search: searchWith(changes) });
  const go = async ({ kind, name }: Wanted): Promise<string | undefined> => {
    if (kind === 'position') narrow({ pos: name });
    else if (kind === 'event') narrow({ event: name });
    else if (kind === 'type') narrow({ type: name });
    else if (kind === 'member') narrow({ member: name, stream: undefined });
    else if (kind === 'stream') narrow({ stream: name, member: undefined });
    else if (kind === 'moment') {
      const position = await positionOfMoment(name);
      if (position === null) return 'Nothing was recorded then or later.';
      narrow({ pos: String(position) });
    } else {
      const stream = await streamOfFact(name);
      if (stream === undefined) return `The ledger knows no ${name}.`;
      narrow({ stream, member: undefined });
    }
    return undefined;
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const wanted = wantedOf(text);
    try {
      const failed = wanted === undefined ? HELP : await go(wanted);
      setError(failed);
      if (failed === undefined) setText('');
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : HELP);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <TextInput
        type="search"
        size="xs"
        w={{ base: '100%', sm: 230 }}
        aria-label={`Go to: ${HELP}`}
        title={HELP}
        placeholder="Go to #position, day, id"
        leftSection={<SearchIcon size={14} />}
        value={text}
        error={error}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setError(undefined);
        }}
      />
    </form>
  );
}

interface Changes {
  readonly pos?: string;
  readonly event?: string;
  readonly type?: string;
  readonly member?: string | undefined;
  readonly stream?: string | undefined;
}

/** A place in the list is one of the list as it was: other conditions begin at their newest. */
const searchWith =
  (changes: Changes) =>
  <T extends object>(old: T) => ({
    ...old,
    ...(changes.event === undefined && { pos: undefined, corr: undefined }),
    ...changes,
  });
