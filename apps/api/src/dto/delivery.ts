import { ApiProperty } from '@nestjs/swagger';

/** What a sender is told about a delivery that is safe. */
export class DeliveryDto {
  @ApiProperty({ enum: ['stored', 'duplicate'] })
  status: 'stored' | 'duplicate';
}
