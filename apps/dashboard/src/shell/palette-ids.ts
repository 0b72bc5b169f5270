/** Ids that somebody pastes: an event by id or #position, a delivery, a payment or membership by whom it belongs to. */
import type { SpotlightActionData } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useFactStream } from '../api/event-reads.js';
import { useMe } from '../api/session.js';

const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const POSITION = /^#?\s*([1-9]\d{0,14})$/;
const DELIVERY = /^d([1-9]\d{0,14})$/;
/** Payments, memberships, refunds and disputes, as Whop names them. */
const FACT = /^(pay|mem|rf|ref|dspt|disp)_\w{1,75}$/;
const MEMBER_STREAM = /^member-(biz_\w+)\.(user_\w+)$/;

export function useNamedById(
  creator: string | undefined,
  query: string,
): readonly SpotlightActionData[] {
  const navigate = useNavigate();
  const me = useMe();
  const mayRead = me !== undefined && me.role !== 'member';
  const isFact = FACT.test(query);
  const leads = useFactStream(query, mayRead && isFact);
  if (!mayRead) return [];
  const search = creator === undefined ? {} : { creator };
  const event =
    POSITION.exec(query)?.[1] ?? (EVENT_ID.test(query) ? query.toLowerCase() : undefined);
  const delivery = DELIVERY.exec(query)?.[1];
  const found: SpotlightActionData[] = [];
  if (event !== undefined)
    found.push({
      id: 'event',
      label: query,
      description: 'Open this event',
      onClick: () => void navigate({ to: '/events/$event', params: { event }, search }),
    });
  if (delivery !== undefined && me.role === 'admin')
    found.push({
      id: 'delivery',
      label: `Delivery ${delivery}`,
      description: 'What was sent, and what it made',
      onClick: () => void navigate({ to: '/deliveries/$delivery', params: { delivery }, search }),
    });
  const stream = isFact ? leads.data?.items[0]?.stream : undefined;
  const [, of, member] = MEMBER_STREAM.exec(stream ?? '') ?? [];
  if (stream !== undefined && of !== undefined && member !== undefined)
    found.push(
      {
        id: 'fact',
        label: query,
        description: `It is ${member}’s: open their page`,
        onClick: () =>
          void navigate({ to: '/c/$creator/members/$member', params: { creator: of, member } }),
      },
      {
        id: 'fact-events',
        label: `Events around ${query}`,
        description: stream,
        onClick: () => void navigate({ to: '/events', search: { creator: of, stream } }),
      },
    );
  return found;
}
