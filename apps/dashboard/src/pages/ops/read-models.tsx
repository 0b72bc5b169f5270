/** Every read model: how far it is, and whether it is what the log says. */
import { useChecks, useProjections } from '../../api/ops-reads.js';
import { Count } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { PageLink } from '../../ui/page-link.js';
import { Answer, Loading } from '../../ui/states.js';
import { FigureTable } from '../../ui/table.js';
import { CheckMark } from './check-state.js';
import { Mark } from './parts.js';

const LINES = 8;

export function ReadModels() {
  const read = useProjections();
  const checks = useChecks();
  return (
    <Answer of={read} loading={<Loading lines={LINES} height={28} />}>
      {({ projections }) => (
        <FigureTable
          label="Read models"
          rows={projections}
          rowKey={({ name }) => name}
          columns={[
            {
              id: 'name',
              head: 'Read model',
              isTitle: true,
              cell: ({ name }) => (
                <PageLink to="/ops/projections/$projection" params={{ projection: name }} data-row>
                  {name}
                </PageLink>
              ),
            },
            {
              id: 'version',
              head: 'Version',
              isFigure: true,
              isExtra: true,
              cell: ({ version }) => <Count n={version} />,
            },
            {
              id: 'position',
              head: 'Position',
              isFigure: true,
              cell: ({ position }) => <Count n={position} />,
            },
            {
              id: 'lag',
              head: 'Behind',
              isFigure: true,
              isExtra: true,
              cell: ({ lag }) => <Count n={lag} />,
            },
            { id: 'state', head: 'State', cell: ({ lag }) => <Lag lag={lag} /> },
            {
              id: 'check',
              head: 'Equals the log',
              cell: ({ name }) => {
                const check = checks.data?.items.find(({ table }) => table === name);
                return check && <CheckMark check={check} />;
              },
            },
          ]}
        />
      )}
    </Answer>
  );
}

export const Lag = ({ lag }: { readonly lag: number }) =>
  lag === 0 ? (
    <Mark tone="good">live</Mark>
  ) : (
    <Mark tone="busy">catching up, {countText(lag)} behind</Mark>
  );
