/** Where Whop sends to, what to set there, how to try it, and what came last. */
import { Code, Stack, Text } from '@mantine/core';
import { useMe } from '../../api/session.js';
import { type ListedDelivery, useAbout, useLastDeliveries } from '../../api/settings-reads.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import { Copied } from './copied.js';
import { EventAt } from './event-at.js';
import { mayOrder } from './sections.js';
import classes from './settings.module.css';
import { Status } from './status.js';

const PATH = '/api/webhooks/whop';
const TRIGGER = 'npx flywheel webhooks trigger payment.succeeded';
/** Those that move something; others are kept and ignored. */
const TYPES = [
  ...['payment.succeeded', 'payment.failed', 'membership.activated', 'membership.deactivated'],
  ...['refund.created', 'refund.updated', 'dispute.created', 'dispute.updated'],
];

export function Webhooks({ creator }: { readonly creator: string | undefined }) {
  const about = useAbout();
  const isAdmin = mayOrder(useMe());
  return (
    <Stack gap="md">
      <Panel title="Endpoint">
        <Answer of={about} loading={<Loading lines={1} height={36} />}>
          {({ publicUrl }) => (
            <>
              <Copied
                text={`${publicUrl ?? window.location.origin}${PATH}`}
                label="the address of the endpoint"
              />
              {publicUrl === null && (
                <Text size="sm" c="dimmed" mt="xs">
                  As this page was opened. <Code>PUBLIC_URL</Code> is not set: Whop must be able to
                  reach the address over https.
                </Text>
              )}
            </>
          )}
        </Answer>
        <Text size="sm" fw={600} mt="md" mb={4}>
          At Whop
        </Text>
        <ol className={classes.steps}>
          <li>Make a webhook with this address; any of Whop’s API versions will do.</li>
          <li>
            Choose the events{' '}
            {TYPES.map((type, n) => (
              <span key={type}>
                {n > 0 && ', '}
                <Code>{type}</Code>
              </span>
            ))}
            . Others do no harm: they are kept and ignored.
          </li>
          <li>
            Set the signing secret that Whop shows as <Code>WHOP_WEBHOOK_SECRET</Code> of this
            server, and start it again. While a secret is rotated name both, separated by a comma.
            Secrets are no part of this page.
          </li>
        </ol>
      </Panel>
      {isAdmin && (
        <Panel title="Try it">
          <Text size="sm" mb="xs">
            On the server this sends a signed delivery as Whop would, and waits until it is booked.
            It is a real payment of a new member in the ledger: try it on a demo or on a community
            of your own.
          </Text>
          <Copied
            text={creator === undefined ? TRIGGER : `${TRIGGER} --creator ${creator}`}
            label="the command"
          />
          <Text size="sm" c="dimmed" mt="xs">
            Against a scratch ledger, with every case that goes wrong elsewhere:{' '}
            <Code>npx flywheel webhooks fixtures run</Code>
          </Text>
        </Panel>
      )}
      <LastDeliveries creator={creator} />
    </Stack>
  );
}

function LastDeliveries({ creator }: { readonly creator: string | undefined }) {
  const read = useLastDeliveries(creator);
  const counts = read.data?.counts;
  const unresolved = (counts?.parked ?? 0) + (counts?.quarantined ?? 0);
  return (
    <Panel
      title="Last deliveries"
      flush
      aside={
        counts && (
          <Text size="sm" c="dimmed">
            {countText(unresolved)} parked or quarantined, {countText(counts.pending)} pending
          </Text>
        )
      }
    >
      <Answer of={read} loading={<Loading lines={6} height={28} />}>
        {({ items, timeZone }) =>
          items.length === 0 ? (
            <Empty title="Nothing has come yet">
              The first delivery appears here as soon as it is stored.
            </Empty>
          ) : (
            <FigureTable
              label="Last deliveries"
              rows={items}
              rowKey={({ id }) => String(id)}
              columns={columnsOf(timeZone)}
              foot={`Times are ${timeZone}: deliveries are of all creators.`}
            />
          )
        }
      </Answer>
    </Panel>
  );
}

const columnsOf = (timeZone: string): readonly Column<ListedDelivery>[] => [
  {
    id: 'type',
    head: 'Type',
    isTitle: true,
    cell: ({ type, deliveryId }) => (
      <span className="break" title={deliveryId}>
        {type ?? 'not readable'}
      </span>
    ),
  },
  {
    id: 'received',
    head: 'Received',
    cell: ({ receivedAt }) => <Instant iso={receivedAt} timeZone={timeZone} as="time" />,
  },
  {
    id: 'status',
    head: 'Outcome',
    cell: ({ status, code }) => <Status status={status} code={code} />,
  },
  {
    id: 'creator',
    head: 'Creator',
    cell: ({ creatorId }) => creatorId ?? '',
  },
  {
    id: 'from',
    head: 'Told by',
    isExtra: true,
    cell: ({ provider, generation }) =>
      provider === 'internal' ? 'the ledger itself' : `${provider}, ${generation}`,
  },
  {
    id: 'position',
    head: 'Event',
    isFigure: true,
    cell: ({ position, creatorId }) =>
      position === null || creatorId === null ? (
        ''
      ) : (
        <EventAt creator={creatorId} position={position} />
      ),
  },
];
