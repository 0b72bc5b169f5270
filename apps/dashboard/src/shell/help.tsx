/** The keyboard, and what the underlined numbers are. */
import { Kbd, Modal, Table, Text } from '@mantine/core';

const KEYS: readonly (readonly [string, string])[] = [
  ['⌘K or Ctrl K', 'Find a member, a payment, an event, #position or a month'],
  ['g o', 'Overview'],
  ['g m', 'Members'],
  ['g n', 'Months'],
  ['g c', 'Commissions'],
  ['g x', 'Explain'],
  ['g e', 'Events'],
  ['g s', 'Settings'],
  ['g p', 'Operations'],
  ['/', 'Filter this page'],
  ['j k', 'Next and previous row'],
  ['Enter', 'Open the row, or explain the number that has the focus'],
  ['~', 'What this page asked of the interface, as curl and as commands'],
  ['?', 'This help'],
];

export function Help({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Help"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Text size="sm" mb="sm">
        Every underlined number is a link to the events that make it, with what was not counted and
        why. The address of a page holds all of its state: it can be sent to somebody.
      </Text>
      <Table verticalSpacing={6}>
        <Table.Tbody>
          {KEYS.map(([keys, does]) => (
            <Table.Tr key={keys}>
              <Table.Td>
                <Kbd>{keys}</Kbd>
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
