/** What the live feed says: how far the figures are, and which of them changed. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import type { Tidings } from '#libs/audit';
import { IsCreatorId } from './deliveries.js';
import { safeNumber } from './numbers.js';

export class LiveQuery {
  @ApiPropertyOptional({ example: 'biz_4f2a', description: 'Only what concerns this creator.' })
  @IsOptional()
  @IsCreatorId()
  creator?: string;
}

class TouchedCreatorDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ type: [String], description: 'Whose facts or figures changed.' })
  members: string[];
  @ApiProperty({ type: [String], example: ['2026-03'] })
  months: string[];
  @ApiProperty({ type: [String], description: 'As `GET /api/audit/history` calls them.' })
  fields: string[];
  @ApiProperty({ description: 'There are more members than these.' })
  isCut: boolean;
}

export class TidingsDto {
  @ApiProperty({ type: 'integer', description: 'The figures contain everything up to here.' })
  position: number;
  @ApiProperty({ type: [TouchedCreatorDto] })
  creators: TouchedCreatorDto[];
  @ApiProperty({ description: 'What changed is not known: read again what is shown.' })
  everything: boolean;
}

export const tidingsJson = ({ position, creators, everything }: Tidings): TidingsDto => ({
  position: safeNumber(position),
  creators: creators.map((one) => ({
    ...one,
    members: [...one.members],
    months: [...one.months],
    fields: [...one.fields],
  })),
  everything,
});
