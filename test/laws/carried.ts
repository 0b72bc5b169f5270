/** The lines that events carry, as a reader of the stream adds them up: nothing is netted. */
import { expandLines, type Line, type MemberEvent, memberDecider } from '#libs/ledger';

export function linesCarriedBy(events: readonly MemberEvent[], stream: string): Line[] {
  const { facts } = memberDecider.initial(stream);
  return events.flatMap((event) => {
    switch (event.type) {
      case 'PaymentReceived':
      case 'MembershipActivated':
      case 'MembershipDeactivated':
      case 'RefundTold':
      case 'DisputeTold':
      case 'CommissionRestated':
        return expandLines(event, facts);
      default:
        return [];
    }
  });
}
