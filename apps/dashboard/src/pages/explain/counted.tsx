/** What counts, each with what it adds, and the sum. */
import { Button, Text } from '@mantine/core';
import { Fragment } from 'react';
import type { Explanation } from '../../api/reads.js';
import { EventLink } from '../../ui/event-link.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { AlertIcon, CheckIcon } from '../../ui/icons.js';
import { MemberName } from '../../ui/member-name.js';
import { Panel } from '../../ui/panel.js';
import { Empty } from '../../ui/states.js';
import classes from './explain.module.css';
import { addsText, valueText } from './names.js';

interface CountedProps {
  readonly found: Explanation;
  readonly counted: Explanation['counted'];
  readonly hasMore: boolean;
  readonly isReading: boolean;
  readonly onMore: () => void;
}

export function Counted({ found, counted, hasMore, isReading, onMore }: CountedProps) {
  const { subject, timeZone, countedFacts } = found;
  return (
    <Panel title={`Counted (${countText(countedFacts)})`}>
      <Text size="sm" c="dimmed" mb="sm">
        {found.rule.says} <span className={classes.section}>{found.rule.section}</span>
      </Text>
      {counted.length === 0 && <Empty title="Nothing counts here" />}
      <ol className={classes.facts}>
        {counted.map((fact) => (
          <li
            key={`${fact.kind} ${fact.sourceId} ${fact.member.memberId}`}
            className={classes.fact}
          >
            <span className={`num ${classes.adds}`}>{addsText(fact.contribution, found)}</span>
            <div className={classes.what}>
              <div className={classes.who}>
                <MemberName
                  creator={subject.creatorId}
                  memberId={fact.member.memberId}
                  name={fact.member.name}
                  isRow
                />
                <Text span size="sm" c="dimmed">
                  <Instant iso={fact.at} timeZone={timeZone} as="time" />
                </Text>
              </div>
              <Text size="sm" className="break">
                {fact.why}
              </Text>
              <Events events={fact.events} creator={subject.creatorId} />
            </div>
          </li>
        ))}
      </ol>
      {hasMore && (
        <Button variant="default" size="xs" loading={isReading} onClick={onMore} mb="sm">
          More of {countText(countedFacts)}
        </Button>
      )}
      <div className={classes.sum}>
        <span className={`num ${classes.adds}`}>= {sumText(found)}</span>
        <span data-agrees={found.agrees} className={classes.verdict}>
          {found.agrees ? <CheckIcon size={15} /> : <AlertIcon size={15} />}
          {found.agrees ? 'the read model says ' : 'but the read model says '}
          {valueText(found.readModel, found)}
        </span>
      </div>
    </Panel>
  );
}

/** Of a tier and a rank the sum is the total that they follow from. */
function sumText(found: Explanation): string {
  if (found.unit === 'tier' || found.unit === 'rank')
    return `${countText(found.sum)}, so ${valueText(found.total, found)}`;
  return valueText(found.total, found);
}

/** Every event that says something of a fact, by its place in the log. */
function Events({
  events,
  creator,
}: {
  readonly events: Explanation['counted'][number]['events'];
  readonly creator: string;
}) {
  return (
    <Text size="xs" c="dimmed" className="mono break">
      {events.map(({ type, position, eventId }, n) => (
        <Fragment key={position}>
          {n > 0 && ' · '}
          {type} <EventLink position={position} id={eventId} creator={creator} />
        </Fragment>
      ))}
    </Text>
  );
}
