/** Instead of the figures of a month that is not yet, which an address may name: the way back. */

import { monthText } from './months.js';
import { PageLink } from './page-link.js';
import { Empty } from './states.js';

interface NotBegunProps {
  readonly month: string;
  readonly currentMonth: string;
}

export const NotBegun = ({ month, currentMonth }: NotBegunProps) => (
  <Empty title={`${monthText(month)} has not begun`}>
    <PageLink to="." search={(old) => ({ ...old, month: undefined })}>
      To {monthText(currentMonth)}
    </PageLink>
  </Empty>
);
