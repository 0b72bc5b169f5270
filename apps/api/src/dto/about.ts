/** What runs here, for whoever operates it or asks for help. Holds no secret and nobody's data. */
import { ApiProperty } from '@nestjs/swagger';
import type { ApiParts } from '../api-parts.js';

export const LICENCE = 'Apache-2.0';
const STORES = ['postgres', 'eventstoredb'] as const;

export class AppliedMigrationDto {
  @ApiProperty({ example: '0001-ledger' })
  name: string;
  @ApiProperty({ type: String, format: 'date-time' })
  appliedAt: string;
}

export class AboutDto {
  @ApiProperty({ example: '0.1.0' })
  version: string;
  @ApiProperty({ example: LICENCE, description: 'SPDX.' })
  licence: string;
  @ApiProperty({ example: 'v20.20.2' })
  node: string;
  @ApiProperty({ enum: STORES, description: 'Where events live.' })
  eventStore: (typeof STORES)[number];
  @ApiProperty({ example: '18.4', description: 'Version of the PostgreSQL.' })
  postgres: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'https://ledger.example.com',
    description: 'PUBLIC_URL; null: nobody has said where others find this.',
  })
  publicUrl: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Where the clock of a demo stands still; null: it runs.',
  })
  clockFrozenAt: string | null;
  @ApiProperty({ type: [AppliedMigrationDto], description: 'Oldest first.' })
  migrations: AppliedMigrationDto[];
}

export async function aboutJson(parts: ApiParts): Promise<AboutDto> {
  const { server, migrations } = await parts.about();
  const isFrozen = parts.clock !== parts.realClock;
  return {
    version: parts.version,
    licence: LICENCE,
    node: process.version,
    eventStore: parts.config.eventStore ?? 'postgres',
    postgres: server,
    publicUrl: parts.config.publicUrl ?? null,
    clockFrozenAt: isFrozen ? new Date(parts.clock.now()).toISOString() : null,
    migrations: migrations.map(({ name, appliedAt }) => ({
      name,
      appliedAt: new Date(appliedAt).toISOString(),
    })),
  };
}
