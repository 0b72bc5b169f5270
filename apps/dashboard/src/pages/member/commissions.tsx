/** The sales that a member earns of, of a month, with everybody's share and what was taken back. */

import { usePayments } from '../../api/month-reads.js';
import { apiPath } from '../../api/path.js';
import type { OfMember } from '../../api/reads.js';
import { CsvLink } from '../../ui/csv-link.js';
import { LongList } from '../../ui/long-list.js';
import { monthText } from '../../ui/months.js';
import { Panel } from '../../ui/panel.js';
import { Empty } from '../../ui/states.js';
import { Sales, saleColumns } from '../sales.js';

export function Commissions({ of }: { readonly of: OfMember & { readonly month: string } }) {
  const { creator, member, month } = of;
  const asked = { month, referrer: member };
  const read = usePayments({ creator, member }, asked);
  return (
    <Panel
      title={`Sales of ${monthText(month)}`}
      flush
      aside={
        <CsvLink
          path={apiPath('creators', creator, 'payments')}
          query={asked}
          label={`the commissions of ${monthText(month)}`}
        />
      }
    >
      <Sales>
        <LongList
          label={`Commissions of ${monthText(month)}`}
          read={read}
          columnsOf={(timeZone) =>
            saleColumns({ creator, timeZone, isOfReferrer: true, withCode: true })
          }
          rowKey={({ paymentId }) => paymentId}
          empty={
            <Empty title="No sale of this month">Whoever they referred has not paid in it.</Empty>
          }
        />
      </Sales>
    </Panel>
  );
}
