/** Tokens: who may do what until when, made once and shown once, and ended for ever. */
import { Badge, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { revokeToken, type Token, useReadAgain, useTokens } from '../../api/settings-reads.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { clockNow } from '../../ui/now.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Failed, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import { NewToken } from './new-token.js';
import classes from './settings.module.css';

/** Tokens are of no creator: times are those of this. */
const ZONE = 'UTC';

export function Tokens({ creator }: { readonly creator: string | undefined }) {
  const read = useTokens();
  const [revoking, setRevoking] = useState<Token>();
  return (
    <Stack gap="md">
      <NewToken creator={creator} />
      <Panel title="All tokens" flush>
        <Answer of={read} loading={<Loading lines={5} height={28} />}>
          {({ items, nextCursor }) =>
            items.length === 0 ? (
              <Empty title="No token was made yet">
                Who signs in with the admin’s own token of this server is not listed here.
              </Empty>
            ) : (
              <FigureTable
                label="Tokens"
                rows={items}
                rowKey={({ id }) => id}
                columns={columnsOf(setRevoking)}
                foot={
                  nextCursor === null
                    ? `${countText(items.length)} in all, those that ended too. Times are ${ZONE}.`
                    : `The newest ${countText(items.length)}; flywheel token list --all has all. Times are ${ZONE}.`
                }
              />
            )
          }
        </Answer>
      </Panel>
      {revoking !== undefined && <Revoke token={revoking} onClose={() => setRevoking(undefined)} />}
    </Stack>
  );
}

type State = 'good' | 'expired' | 'revoked';

function stateOf({ revokedAt, expiresAt }: Token): State {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= clockNow() ? 'expired' : 'good';
}

/** Whose it is: of the ledger, of a creator, of a member. */
export const whoseText = ({ creatorId, memberId }: Pick<Token, 'creatorId' | 'memberId'>): string =>
  memberId ?? creatorId ?? 'the whole ledger';

const columnsOf = (onRevoke: (token: Token) => void): readonly Column<Token>[] => [
  {
    id: 'label',
    head: 'What for',
    isTitle: true,
    cell: ({ id, label }) => (
      <span className="break">
        {label ?? 'no label'}{' '}
        <Text span size="sm" c="dimmed" className="mono">
          token:{id}
        </Text>
      </span>
    ),
  },
  {
    id: 'role',
    head: 'Role',
    cell: ({ role }) => (
      <Badge variant="default" radius="sm" tt="none" fw={550}>
        {role}
      </Badge>
    ),
  },
  { id: 'whose', head: 'Of', cell: (token) => <span className="break">{whoseText(token)}</span> },
  {
    id: 'made',
    head: 'Made',
    cell: ({ createdAt, createdBy }) => (
      <>
        <Instant iso={createdAt} timeZone={ZONE} />{' '}
        <Text span size="sm" c="dimmed" className="break">
          by {createdBy}
        </Text>
      </>
    ),
  },
  {
    id: 'used',
    head: 'Last used',
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? 'never' : <Instant iso={lastUsedAt} timeZone={ZONE} as="time" />,
  },
  {
    id: 'until',
    head: 'Good until',
    cell: (token) => <Until token={token} />,
  },
  {
    id: 'revoke',
    head: '',
    cell: (token) =>
      stateOf(token) === 'good' ? (
        <Button size="compact-xs" variant="default" onClick={() => onRevoke(token)}>
          Revoke…<span className="spoken"> {token.label ?? `token ${token.id}`}</span>
        </Button>
      ) : (
        ''
      ),
  },
];

function Until({ token }: { readonly token: Token }) {
  const { revokedAt, revokedBy, expiresAt } = token;
  if (revokedAt !== null)
    return (
      <span className={classes.ended}>
        revoked <Instant iso={revokedAt} timeZone={ZONE} /> by {revokedBy}
      </span>
    );
  if (expiresAt === null) return 'somebody ends it';
  return (
    <span className={stateOf(token) === 'good' ? undefined : classes.ended}>
      {stateOf(token) === 'expired' && 'expired '}
      <Instant iso={expiresAt} timeZone={ZONE} as="time" />
    </span>
  );
}

interface RevokeProps {
  readonly token: Token;
  readonly onClose: () => void;
}

function Revoke({ token, onClose }: RevokeProps) {
  const readAgain = useReadAgain(undefined);
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const revoke = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await revokeToken(token.id);
      await readAgain(null);
      onClose();
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Revoke ${token.label ?? `token ${token.id}`}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Text size="sm">
        It is a token of the role {token.role}, of {whoseText(token)}. Whoever uses it is refused
        from now on, within 2 seconds everywhere; sessions and links that it opened end with it.
        This cannot be taken back.
      </Text>
      {error !== undefined && <Failed error={error} />}
      <Group mt="md" gap="xs">
        <Button size="xs" color="red" loading={isBusy} onClick={() => void revoke()}>
          Revoke it
        </Button>
        <Button size="xs" variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
      </Group>
    </Modal>
  );
}
