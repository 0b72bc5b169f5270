/** Who may do what, who one is oneself, and links that let somebody in once. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Me, useMe } from '../../api/session.js';
import { makeSignInLink, type SignInLink } from '../../api/settings-reads.js';
import { Instant } from '../../ui/figure.js';
import { Panel } from '../../ui/panel.js';
import { Failed } from '../../ui/states.js';
import { FigureTable } from '../../ui/table.js';
import { Copied } from './copied.js';
import { mayOrder } from './sections.js';
import classes from './settings.module.css';
import { whoseText } from './tokens.js';
import {
  idsOf,
  isWhole,
  ROLE_SAYS,
  type RoleGiven,
  type Whose,
  WhoseFields,
} from './whose-fields.js';

const LINKED = ['creator', 'member', 'auditor', 'admin'] as const;
const ROLES: readonly RoleGiven[] = [...LINKED, 'cron'];
/** Of no creator's calendar. */
const ZONE = 'UTC';

const SAID_BY: Readonly<Record<Me['by'], string>> = {
  configured: 'the server’s own admin token',
  token: 'a token',
  session: 'a sign-in of this browser',
  jwt: 'a signed token of an issuer',
};

export function People({ creator }: { readonly creator: string | undefined }) {
  const me = useMe();
  if (me === undefined) return null;
  return (
    <Stack gap="md">
      {mayOrder(me) && <NewLink creator={creator} />}
      <Panel title="You">
        <dl className={classes.facts}>
          <dt>Role</dt>
          <dd>
            {me.role}, of {whoseText(me)}
          </dd>
          <dt>Recorded as</dt>
          <dd className="mono">{me.actor}</dd>
          <dt>Let in by</dt>
          <dd>{SAID_BY[me.by]}</dd>
          <dt>At the latest until</dt>
          <dd>
            {me.expiresAt === null ? (
              'somebody ends it'
            ) : (
              <>
                <Instant iso={me.expiresAt} timeZone={ZONE} as="time" /> {ZONE}
              </>
            )}
          </dd>
        </dl>
      </Panel>
      <Panel title="Roles" flush>
        <FigureTable
          label="Roles"
          rows={ROLES}
          rowKey={(role) => role}
          columns={[
            {
              id: 'role',
              head: 'Role',
              isTitle: true,
              cell: (role) => (role === me.role ? <b>{role} (you)</b> : role),
            },
            { id: 'may', head: 'What it may do', cell: (role) => ROLE_SAYS[role] },
          ]}
          foot="The server decides each time, whatever a page offers. What belongs to another is told as missing."
        />
      </Panel>
    </Stack>
  );
}

function NewLink({ creator }: { readonly creator: string | undefined }) {
  const first: Whose = { role: 'creator', creatorId: creator ?? '', memberId: '' };
  const [whose, setWhose] = useState<Whose>(first);
  const [made, setMade] = useState<SignInLink>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const { role } = whose;
    if (role === 'cron') return;
    setBusy(true);
    setError(undefined);
    try {
      setMade(await makeSignInLink({ role, ...idsOf(whose) }));
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="A link that signs somebody in once">
      {made === undefined ? (
        <form onSubmit={(event) => void submit(event)} aria-label="New sign-in link">
          <Stack gap="sm">
            <WhoseFields roles={LINKED} value={whose} onValue={setWhose} />
            <Text size="sm" c="dimmed">
              Whoever opens it {ROLE_SAYS[whose.role]}. It is good for 15 minutes and once; what it
              opens ends with what you are signed in by.
            </Text>
            {error !== undefined && <Failed error={error} />}
            <Group>
              <Button size="xs" type="submit" loading={isBusy} disabled={!isWhole(whose)}>
                Make the link
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Stack gap="sm">
          <Alert color="ink" variant="light" role="status" title="Send it now">
            It lets in whoever opens it first as {made.role} of {whoseText(made)}, until{' '}
            <Instant iso={made.expiresAt} timeZone={ZONE} as="time" /> {ZONE}. It is shown this
            once.
          </Alert>
          <Copied text={made.url} label="the link" />
          <Group>
            <Button size="xs" variant="default" onClick={() => setMade(undefined)}>
              I have it
            </Button>
          </Group>
        </Stack>
      )}
    </Panel>
  );
}
