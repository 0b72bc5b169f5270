/** The first page: whose figures? Who sees one creator is taken there. */

import { Navigate } from '@tanstack/react-router';
import { useCreators } from '../api/reads.js';
import { useMe } from '../api/session.js';
import { Instant } from '../ui/figure.js';
import { PageLink } from '../ui/page-link.js';
import { PageTitle } from '../ui/page-title.js';
import { Panel } from '../ui/panel.js';
import { Answer, Empty, Loading } from '../ui/states.js';
import { FigureTable } from '../ui/table.js';

export function CreatorsPage() {
  const me = useMe();
  if (me?.role === 'member' && me.creatorId !== null && me.memberId !== null)
    return (
      <Navigate
        to="/c/$creator/members/$member"
        params={{ creator: me.creatorId, member: me.memberId }}
        replace
      />
    );
  if (me !== undefined && me.creatorId !== null)
    return <Navigate to="/c/$creator" params={{ creator: me.creatorId }} replace />;
  return <AllCreators />;
}

function AllCreators() {
  const read = useCreators();
  const only = read.data?.items.length === 1 ? read.data.items[0] : undefined;
  if (only !== undefined)
    return <Navigate to="/c/$creator" params={{ creator: only.creatorId }} replace />;
  return (
    <>
      <PageTitle title="Creators" />
      <Panel title="All creators" flush>
        <Answer of={read} loading={<Loading lines={6} />}>
          {({ items, timeZone }) =>
            items.length === 0 ? (
              <Empty title="No creator yet">
                A creator comes into being with the first delivery that names one, or when its
                settings are set.
              </Empty>
            ) : (
              <FigureTable
                label="Creators"
                rows={items}
                rowKey={({ creatorId }) => creatorId}
                columns={[
                  {
                    id: 'creator',
                    head: 'Creator',
                    isTitle: true,
                    cell: ({ creatorId }) => (
                      <PageLink to="/c/$creator" params={{ creator: creatorId }} data-row>
                        {creatorId}
                      </PageLink>
                    ),
                  },
                  {
                    id: 'since',
                    head: 'Known since',
                    cell: ({ registeredAt }) => <Instant iso={registeredAt} timeZone={timeZone} />,
                  },
                ]}
              />
            )
          }
        </Answer>
      </Panel>
    </>
  );
}
