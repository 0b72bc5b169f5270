/** What runs here, for whoever operates it or asks for help: nothing of it is secret or of a person. */
import { Anchor, Code, Stack, Text } from '@mantine/core';
import type { Schemas } from '../../api/client.js';
import { useReadiness } from '../../api/reads.js';
import { useAbout } from '../../api/settings-reads.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { AlertIcon, CheckIcon } from '../../ui/icons.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Loading } from '../../ui/states.js';
import { FigureTable } from '../../ui/table.js';
import { CopyText } from './copied.js';
import classes from './settings.module.css';

type AboutThis = Schemas['AboutDto'];
const ZONE = 'UTC';

export function About() {
  const read = useAbout();
  const ready = useReadiness();
  return (
    <Answer of={read} loading={<Loading lines={8} />}>
      {(about) => (
        <Stack gap="md">
          <Panel
            title="Flywheel"
            aside={
              <CopyText
                text={JSON.stringify({ ...about, ready: ready.data }, null, 2)}
                label="diagnostics"
                isNamed
              />
            }
          >
            <Facts about={about} />
          </Panel>
          <Panel title="Parts" flush>
            <Answer of={ready}>{({ components }) => <Parts of={components} />}</Answer>
          </Panel>
          <Panel title="Migrations" flush>
            <FigureTable
              label="Migrations"
              rows={[...about.migrations].reverse()}
              rowKey={({ name }) => name}
              columns={[
                { id: 'name', head: 'Name', isTitle: true, cell: ({ name }) => name },
                {
                  id: 'applied',
                  head: 'Applied',
                  cell: ({ appliedAt }) => <Instant iso={appliedAt} timeZone={ZONE} as="time" />,
                },
              ]}
              foot={`${countText(about.migrations.length)} applied, the newest first. Times are ${ZONE}.`}
            />
          </Panel>
        </Stack>
      )}
    </Answer>
  );
}

const Facts = ({ about }: { readonly about: AboutThis }) => (
  <dl className={classes.facts}>
    <dt>Version</dt>
    <dd>{about.version}</dd>
    <dt>Events live in</dt>
    <dd>PostgreSQL {about.postgres}</dd>
    <dt>Runs on</dt>
    <dd>Node {about.node}</dd>
    <dt>Address</dt>
    <dd>
      {about.publicUrl ?? (
        <>
          <Code>PUBLIC_URL</Code> is not set: the address it listens on
        </>
      )}
    </dd>
    <dt>Clock</dt>
    <dd>
      {about.clockFrozenAt === null ? (
        'runs'
      ) : (
        <>
          stands still at <Instant iso={about.clockFrozenAt} timeZone={ZONE} as="time" /> {ZONE}
        </>
      )}
    </dd>
    <dt>Licence</dt>
    <dd>
      {about.licence}. <Code>npm run sbom</Code> lists everything that it is made of, with its
      licence.
    </dd>
    <dt>Interface</dt>
    <dd>
      <Anchor href="/docs">documentation</Anchor>, <Anchor href="/openapi.json">OpenAPI</Anchor>
    </dd>
  </dl>
);

function Parts({ of }: { readonly of: Schemas['ComponentsDto'] }) {
  const parts = Object.entries(of).map(([name, part]) => ({ name, ...part }));
  return (
    <FigureTable
      label="Parts"
      rows={parts}
      rowKey={({ name }) => name}
      columns={[
        { id: 'name', head: 'Part', isTitle: true, cell: ({ name }) => name },
        {
          id: 'status',
          head: 'State',
          cell: ({ status, detail }) => (
            <span className={classes.status} data-wrong={status === 'failing' || undefined}>
              {status === 'ok' ? <CheckIcon size={14} /> : <AlertIcon size={14} />}
              {status}
              {detail !== undefined && (
                <Text span size="sm" c="dimmed">
                  {detail}
                </Text>
              )}
            </span>
          ),
        },
        {
          id: 'lag',
          head: 'Behind',
          isFigure: true,
          cell: ({ lagPositions }) =>
            lagPositions === undefined ? '' : `${countText(lagPositions)} events`,
        },
      ]}
    />
  );
}
