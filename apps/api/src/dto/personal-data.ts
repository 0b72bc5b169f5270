/** Erasing a person: what may be said with the order, and how it is answered. */
import { ApiProperty } from '@nestjs/swagger';
import type { PersonalDataErasedAnswer } from '#libs/application';
import { OrderDto, orderJson, ReasonedInput } from './order.js';

export class ErasureInput extends ReasonedInput {}

export class PersonalDataErasedDto extends OrderDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ description: 'True: there was a profile.' })
  profile: boolean;
  @ApiProperty({
    type: 'integer',
    description: 'Raw deliveries that lost body and headers; their id, hash and outcome stay.',
  })
  deliveries: number;
  @ApiProperty({
    type: 'integer',
    description: 'Undecided ones that lost the words; the rest goes once they are decided.',
  })
  scrubbed: number;
}

export const personalDataErased = (
  { dryRun, ...about }: Pick<PersonalDataErasedDto, 'creatorId' | 'memberId' | 'dryRun'>,
  done: PersonalDataErasedAnswer,
): PersonalDataErasedDto => ({
  ...about,
  ...orderJson(dryRun, done),
  profile: done.profile,
  deliveries: done.deliveries,
  scrubbed: done.scrubbed,
});
