/** What can be explained of a creator or a member: the way in for who has no number to follow. */

import type { Schemas } from '../../api/client.js';
import { type ExplainAsked, useExplainable } from '../../api/reads.js';
import { searchOf } from '../../ui/figure.js';
import { PageLink } from '../../ui/page-link.js';
import { PageTitle } from '../../ui/page-title.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Loading } from '../../ui/states.js';
import { FigureTable } from '../../ui/table.js';
import { figureName } from './names.js';

type Listed = Schemas['ExplainableDto']['figures'][number];

/** Some are asked by two names; and what is of a payment is asked there. */
const isOneOfItsOwn = ({ ofSource, says }: Listed, at: number, all: readonly Listed[]): boolean =>
  !ofSource && all.findIndex((one) => one.says === says) === at;

export function Explainable(asked: Omit<ExplainAsked, 'figure'>) {
  const read = useExplainable(asked);
  return (
    <>
      <PageTitle title="Why is it what it is?" beside={asked.member ?? asked.creator} />
      <Panel title="Choose a figure, or follow any underlined number" flush>
        <Answer of={read} loading={<Loading lines={8} />}>
          {({ figures }) => (
            <FigureTable
              label="Figures that can be explained"
              rows={figures.filter(isOneOfItsOwn)}
              rowKey={({ figure }) => figure}
              columns={[
                {
                  id: 'figure',
                  head: 'Figure',
                  isTitle: true,
                  cell: ({ figure }) => (
                    <PageLink to="/explain" search={searchOf({ ...asked, figure })} data-row>
                      {figureName(figure)}
                    </PageLink>
                  ),
                },
                { id: 'says', head: 'What it counts', cell: ({ says }) => says },
              ]}
            />
          )}
        </Answer>
      </Panel>
    </>
  );
}
