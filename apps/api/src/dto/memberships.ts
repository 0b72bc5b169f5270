/** A membership assigned to a person: what may be ordered, and how it is answered. */
import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';
import type { MembershipAssignedAnswer } from '#libs/application';
import { instantToJson } from './figures.js';
import { OrderDto, OrderInput, orderJson, REASON } from './order.js';

export class AssignmentInput extends OrderInput {
  @ApiProperty({ example: 'user_9c1e', description: 'A member of this creator, known or not yet.' })
  @Matches(/^user_[A-Za-z0-9_]{1,64}$/, { message: '$property must be a user_ id' })
  userId: string;

  @ApiProperty(REASON)
  @IsString()
  reason: string;
}

export class WaitingDeliveryDto {
  @ApiProperty({ example: '3841' })
  id: string;
  @ApiProperty({ type: String, nullable: true, example: 'payment.succeeded' })
  type: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  at: string | null;
}

export class MembershipAssignedDto extends OrderDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: 'mem_b71d' })
  membershipId: string;
  @ApiProperty({ example: 'user_9c1e' })
  userId: string;
  @ApiProperty({ type: 'integer', description: 'How many parked deliveries waited for it.' })
  waitingCount: number;
  @ApiProperty({ type: [WaitingDeliveryDto], description: 'The first of them.' })
  waiting: WaitingDeliveryDto[];
}

export const membershipAssigned = (
  {
    dryRun,
    ...about
  }: Pick<MembershipAssignedDto, 'creatorId' | 'membershipId' | 'userId' | 'dryRun'>,
  done: MembershipAssignedAnswer,
): MembershipAssignedDto => ({
  ...about,
  ...orderJson(dryRun, done),
  waitingCount: done.waitingCount,
  waiting: done.waiting.map(({ id, type, at }) => ({
    id,
    type,
    at: at === null ? null : instantToJson(at),
  })),
});
