/** Which figures an event moved, and by how much; a sum leads to what it is made of. */
import { Text } from '@mantine/core';
import type { EventInFull } from '../../api/event-reads.js';
import { Why } from '../../ui/figure.js';
import { moneyText, signedText } from '../../ui/figures.js';
import { MemberName } from '../../ui/member-name.js';
import { shortMonthText } from '../../ui/months.js';
import classes from './events.module.css';
import { type Names, nameIn } from './says.js';
import { explainedBy, figureText, valueText } from './words.js';

type Change = EventInFull['changes'][number];

interface ChangesProps {
  readonly event: EventInFull;
  readonly names: Names;
}

export function Changes({ event, names }: ChangesProps) {
  if (event.changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No figure: it says something of which none is made.
      </Text>
    );
  return (
    <ul className={classes.changes}>
      {event.changes.map((change) => {
        const { creatorId, memberId, field, month, currency } = change;
        return (
          <li key={[memberId, field, month, currency].join(' ')}>
            <span>
              {memberId === null ? (
                creatorId
              ) : (
                <MemberName
                  creator={creatorId}
                  memberId={memberId}
                  name={nameIn(names, creatorId, memberId)}
                />
              )}
              <span className={classes.dim}>
                {' '}
                {figureText(field)}
                {month !== null && `, ${shortMonthText(month)}`}
              </span>
            </span>
            <Moved change={change} names={names} />
          </li>
        );
      })}
    </ul>
  );
}

function Moved({ change, names }: { readonly change: Change; readonly names: Names }) {
  const { creatorId, memberId, field, month, currency, delta, value } = change;
  if (delta === null) {
    const isPerson = field === 'referrer' && typeof value === 'string';
    return <span>{isPerson ? nameIn(names, creatorId, value) : valueText(value)}</span>;
  }
  const money = currency === null ? undefined : moneyText(delta, currency);
  const text = money === undefined ? signedText(delta) : delta > 0 ? `+${money}` : money;
  const figure = explainedBy(change);
  if (figure === undefined) return <span className="num">{text}</span>;
  return (
    <Why
      asks={{
        ...{ creator: creatorId, member: memberId ?? undefined, figure },
        ...{ month: month ?? undefined, currency: currency ?? undefined },
      }}
      of={`${figureText(field)}${month === null ? '' : ` of ${shortMonthText(month)}`}`}
    >
      <span className="num">{text}</span>
    </Why>
  );
}
