/** Every version of a closed month, each readable for ever, and what proves it. */
import { Code, Stack } from '@mantine/core';
import type { OneMonth, Sealed } from '../../api/month-reads.js';
import { apiPath } from '../../api/path.js';
import { CsvLink } from '../../ui/csv-link.js';
import { Count, Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { monthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import classes from './months.module.css';

interface VersionsProps {
  readonly of: OneMonth;
  /** The first one first. */
  readonly versions: readonly Sealed[];
}

export const Versions = ({ of, versions }: VersionsProps) => (
  <Stack gap="md">
    {versions.toReversed().map((one) => (
      <Version key={one.version} of={of} sealed={one} />
    ))}
  </Stack>
);

function Version({
  of: { creator, month },
  sealed,
}: {
  readonly of: OneMonth;
  readonly sealed: Sealed;
}) {
  const { version, digest, throughPosition, sealedAt, timeZone, tzVersion, lines } = sealed;
  const { from, to, forced, reason, replaces, snapshot } = sealed;
  return (
    <Panel
      title={`Version ${version}`}
      aside={
        <>
          <PageLink
            to="/c/$creator/months/$month"
            params={{ creator, month }}
            search={{ version: String(version) }}
            size="sm"
            inherit={false}
          >
            Members of it
          </PageLink>
          <CsvLink
            path={apiPath('creators', creator, 'months', month, 'snapshot.csv')}
            query={{ version: String(version) }}
            label={`version ${version} of ${monthText(month)}`}
            isCsv
          />
        </>
      }
    >
      <dl className={classes.facts}>
        <dt>Digest</dt>
        <dd className="mono">SHA-256 {digest}</dd>
        <dt>Contains</dt>
        <dd>
          every event up to #<Count n={throughPosition} />, in {countText(lines)} lines
        </dd>
        <dt>Sealed</dt>
        <dd>
          <Instant iso={sealedAt} timeZone={timeZone} as="time" />
          {forced && ', before it was due'}
        </dd>
        {reason !== null && (
          <>
            <dt>Reason</dt>
            <dd>“{reason}”</dd>
          </>
        )}
        {replaces !== null && (
          <>
            <dt>Replaces</dt>
            <dd className="mono">SHA-256 {replaces}</dd>
          </>
        )}
        <dt>The month</dt>
        <dd>
          from <Instant iso={from} timeZone={timeZone} as="time" /> to before{' '}
          <Instant iso={to} timeZone={timeZone} as="time" />, {timeZone} (time zones of {tzVersion})
        </dd>
        <dt>In the log</dt>
        <dd>
          <PageLink
            to="/events"
            search={{ creator, stream: `months-${creator}` }}
            underline="always"
          >
            months-{creator}
          </PageLink>
          , its lines in <span className="mono">{snapshot}</span>
        </dd>
        <dt>On the command line</dt>
        <dd>
          <Code>
            npx flywheel months show {month} --creator {creator}
          </Code>
        </dd>
      </dl>
    </Panel>
  );
}
