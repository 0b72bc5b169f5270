/** What an order of settings would change, and what it did change. */
import { Text } from '@mantine/core';
import type { SettingsChanged } from '../../api/settings-reads.js';
import { Instant } from '../../ui/figure.js';
import { EventAt } from './event-at.js';
import classes from './settings.module.css';
import { SETTINGS, valueText } from './values.js';

/** The first settings of somebody make them known: that is said, and nothing else changes by it. */
export const hasChanges = ({ changes }: SettingsChanged): boolean => changes.length > 0;

export function Plan({ changed }: { readonly changed: SettingsChanged }) {
  if (!hasChanges(changed))
    return <Text size="sm">It is so already: this would change nothing.</Text>;
  return (
    <>
      <Text size="sm" fw={600}>
        This would change
      </Text>
      <ul className={classes.changes}>
        {changed.changes.map(({ type, setting, effectiveAt, before, after }) => (
          <li key={`${type} ${effectiveAt}`}>
            {setting === null ? 'The creator becomes known' : SETTINGS[setting].name}, from{' '}
            {effectiveAt === 'beginning' ? (
              'the beginning'
            ) : (
              <Instant iso={effectiveAt} timeZone={changed.timeZone} as="time" />
            )}
            {setting !== null && (
              <>
                :{' '}
                <Text span inherit c="dimmed">
                  {valueText(setting, before)}
                </Text>{' '}
                → <b>{valueText(setting, after)}</b>
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

export const Applied = ({ changed }: { readonly changed: SettingsChanged }) => (
  <>
    {changed.position === null ? (
      'It was so already: nothing was changed.'
    ) : (
      <>
        Changed. The log has it as event{' '}
        <EventAt creator={changed.creatorId} position={changed.position} />.
      </>
    )}
  </>
);
