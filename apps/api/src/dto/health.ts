/** What the probes answer. */
import { ApiProperty } from '@nestjs/swagger';

export class LiveDto {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

export class ComponentDto {
  @ApiProperty({ enum: ['ok', 'failing'] })
  status: 'ok' | 'failing';
  @ApiProperty({ type: 'integer', required: false })
  lagPositions?: number;
  @ApiProperty({ required: false })
  detail?: string;
}

export class ComponentsDto {
  @ApiProperty({ type: ComponentDto })
  database: ComponentDto;
  @ApiProperty({ type: ComponentDto })
  projections: ComponentDto;
  @ApiProperty({ type: ComponentDto })
  intake: ComponentDto;
  @ApiProperty({ type: ComponentDto })
  migrations: ComponentDto;
  @ApiProperty({
    type: ComponentDto,
    required: false,
    description: 'What keeps the application from changing the log.',
  })
  log?: ComponentDto;
  @ApiProperty({
    type: ComponentDto,
    required: false,
    description: 'Where a cluster keeps the log: how far it was followed. Makes nobody unready.',
  })
  journal?: ComponentDto;
  @ApiProperty({
    type: ComponentDto,
    required: false,
    description: 'The last run of the checks. Failing checks make nobody unready.',
  })
  checks?: ComponentDto;
  @ApiProperty({
    type: ComponentDto,
    required: false,
    description: 'Months that are due and cannot be closed. They make nobody unready.',
  })
  months?: ComponentDto;
}

export class ReadyDto {
  @ApiProperty({ enum: ['ready', 'unready'] })
  status: 'ready' | 'unready';
  @ApiProperty({ type: ComponentsDto })
  components: ComponentsDto;
}
