/** What an event means, in the server's words; people by the names that they have, as long as they are kept. */
import { Fragment } from 'react';
import type { AuditEvent, Person } from '../../api/event-reads.js';
import { MemberName } from '../../ui/member-name.js';

export type Names = ReadonlyMap<string, string>;

const keyOf = (creatorId: string | null, memberId: string): string => `${creatorId} ${memberId}`;

export const namesOf = (people: readonly Person[]): Names =>
  new Map(people.map(({ creatorId, memberId, name }) => [keyOf(creatorId, memberId), name]));

/** The id, where there is no name: nobody told one, or it was erased. */
export const nameIn = (names: Names, creatorId: string | null, memberId: string): string =>
  names.get(keyOf(creatorId, memberId)) ?? memberId;

const PEOPLE = /\b(user_\w+)/;

interface SaysProps {
  readonly event: Pick<AuditEvent, 'says' | 'creatorId'>;
  readonly names: Names;
  /** Names are links to those who bear them. */
  readonly isLinked?: boolean;
}

export function Says({ event: { says, creatorId }, names, isLinked = false }: SaysProps) {
  return says.split(PEOPLE).map((part, n) => {
    // What stands between the others is whom they name.
    const isPerson = n % 2 === 1;
    const key = `${n} ${part}`;
    if (!isPerson) return <Fragment key={key}>{part}</Fragment>;
    const name = nameIn(names, creatorId, part);
    if (isLinked && creatorId !== null)
      return <MemberName key={key} creator={creatorId} memberId={part} name={name} />;
    return (
      <b key={key} title={part}>
        {name}
      </b>
    );
  });
}
