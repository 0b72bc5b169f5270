/** Which role, and whose: what is asked of a token and of a sign-in link alike. */
import { NativeSelect, TextInput } from '@mantine/core';
import classes from './settings.module.css';

export type RoleGiven = 'admin' | 'creator' | 'member' | 'auditor' | 'cron';

export interface Whose {
  readonly role: RoleGiven;
  readonly creatorId: string;
  readonly memberId: string;
}

/** What each may do, in a line; the server has the last word (docs/access.md). */
export const ROLE_SAYS: Readonly<Record<RoleGiven, string>> = {
  admin: 'sees and orders everything',
  creator: 'sees one community and orders nothing',
  member: 'sees themselves and chooses their own code',
  auditor: 'sees everything, or one community, and changes nothing',
  cron: 'closes the months that are due, for a program',
};

const NEEDS_CREATOR: readonly RoleGiven[] = ['creator', 'member'];
const MAY_HAVE_CREATOR: readonly RoleGiven[] = ['creator', 'member', 'auditor'];

export const isWhole = ({ role, creatorId, memberId }: Whose): boolean =>
  (!NEEDS_CREATOR.includes(role) || creatorId.trim() !== '') &&
  (role !== 'member' || memberId.trim() !== '');

/** Only the ids that the role has. */
export const idsOf = ({ role, creatorId, memberId }: Whose) => ({
  ...(MAY_HAVE_CREATOR.includes(role) &&
    creatorId.trim() !== '' && { creatorId: creatorId.trim() }),
  ...(role === 'member' && { memberId: memberId.trim() }),
});

interface WhoseFieldsProps {
  readonly roles: readonly RoleGiven[];
  readonly value: Whose;
  readonly onValue: (value: Whose) => void;
}

export function WhoseFields({ roles, value, onValue }: WhoseFieldsProps) {
  const { role, creatorId, memberId } = value;
  return (
    <div className={classes.beside}>
      <NativeSelect
        size="xs"
        label="Role"
        value={role}
        data={[...roles]}
        onChange={(event) => onValue({ ...value, role: event.currentTarget.value as RoleGiven })}
      />
      {MAY_HAVE_CREATOR.includes(role) && (
        <TextInput
          size="xs"
          label={role === 'auditor' ? 'Creator (empty: all)' : 'Creator'}
          placeholder="biz_…"
          value={creatorId}
          onChange={(event) => onValue({ ...value, creatorId: event.currentTarget.value })}
        />
      )}
      {role === 'member' && (
        <TextInput
          size="xs"
          label="Member"
          placeholder="user_…"
          value={memberId}
          onChange={(event) => onValue({ ...value, memberId: event.currentTarget.value })}
        />
      )}
    </div>
  );
}
