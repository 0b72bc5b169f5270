/** What a tier, a rank and a sealed figure follow from, beside what was counted. */
import { Text } from '@mantine/core';
import type { Explanation } from '../../api/reads.js';
import { EventLink } from '../../ui/event-link.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { Panel } from '../../ui/panel.js';
import { FigureTable } from '../../ui/table.js';
import { valueText } from './names.js';

export function Standing({ found }: { readonly found: Explanation }) {
  const { tier, rank, seal } = found;
  return (
    <>
      {tier !== undefined && <TierPanel found={found} tier={tier} />}
      {rank !== undefined && <RankPanel rank={rank} timeZone={found.timeZone} />}
      {seal !== undefined && (
        <Panel title="As it was sealed">
          <Text size="sm">
            Version {seal.version} states {valueText(seal.stated, found)}; it contains everything up
            to #{countText(seal.throughPosition)}.
          </Text>
          <Text size="xs" c="dimmed" className="mono break">
            SHA-256 {seal.digest} · {seal.type}{' '}
            <EventLink position={seal.position} creator={found.subject.creatorId} />
          </Text>
        </Panel>
      )}
    </>
  );
}

interface TierPanelProps {
  readonly found: Explanation;
  readonly tier: NonNullable<Explanation['tier']>;
}

function TierPanel({ found, tier }: TierPanelProps) {
  const { tiers, setBy, pin } = tier;
  const creator = found.subject.creatorId;
  return (
    <Panel title="Which tier, and by what">
      {pin === null ? (
        <Text size="sm">No pin is in force: the total decides.</Text>
      ) : (
        <Text size="sm">
          An admin pinned {pin.tier} on <Instant iso={pin.effectiveAt} timeZone={found.timeZone} />:
          “{pin.reason}” ({pin.type} <EventLink position={pin.position} creator={creator} />
          ). By the thresholds {countText(found.sum)} would be{' '}
          {tiers.findLast(({ from }) => found.sum >= from)?.name ?? 'Unranked'}.
        </Text>
      )}
      <Text size="sm" mt="xs">
        Thresholds in force: {tiers.map(({ name, from }) => `${name} from ${from}`).join(', ')}
        {setBy === null ? (
          ', the defaults.'
        ) : (
          <>
            {' '}
            ({setBy.type} <EventLink position={setBy.position} creator={creator} />
            ).
          </>
        )}
      </Text>
    </Panel>
  );
}

interface RankPanelProps {
  readonly rank: NonNullable<Explanation['rank']>;
  readonly timeZone: string;
}

function RankPanel({ rank, timeZone }: RankPanelProps) {
  return (
    <Panel
      title={
        rank.ranked === null
          ? 'Who stands around'
          : `Who stands around, of ${countText(rank.ranked)}`
      }
      flush
    >
      <FigureTable
        label="Who stands around"
        rows={rank.around}
        rowKey={({ memberId }) => memberId}
        columns={[
          { id: 'rank', head: '#', cell: (row) => countText(row.rank) },
          { id: 'name', head: 'Name', isTitle: true, cell: ({ name }) => name },
          {
            id: 'total',
            head: 'Total referrals',
            isFigure: true,
            cell: (row) => countText(row.totalReferrals),
          },
          {
            id: 'reached',
            head: 'Reached it',
            cell: ({ reachedAt }) =>
              reachedAt === null ? '' : <Instant iso={reachedAt} timeZone={timeZone} as="time" />,
          },
        ]}
      />
    </Panel>
  );
}
