/** How far the read models are, as the admin sees it. */
import { ApiProperty } from '@nestjs/swagger';

export class ProjectionDto {
  @ApiProperty()
  name: string;
  @ApiProperty({ type: 'integer' })
  version: number;
  @ApiProperty({ description: 'The schema that queries read.' })
  schema: string;
  @ApiProperty({ type: 'integer' })
  position: number;
  @ApiProperty({ type: 'integer', description: 'Positions behind the head.' })
  lag: number;
}

export class ProjectionsDto {
  @ApiProperty({ type: 'integer', description: 'Position of the last event.' })
  head: number;
  @ApiProperty({ type: 'integer' })
  pendingDeliveries: number;
  @ApiProperty({ type: [ProjectionDto] })
  projections: ProjectionDto[];
}
