import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { API_PARTS, type ApiParts } from '../api-parts.js';
import { AboutDto, aboutJson } from '../dto/about.js';
import { safeNumber } from '../dto/numbers.js';
import { ProjectionsDto } from '../dto/projections.js';

/** What those who run the ledger ask of it. */
@ApiTags('admin')
@Controller('api/admin')
export class AdminController {
  constructor(@Inject(API_PARTS) private readonly parts: ApiParts) {}

  @Get('about')
  @ApiOperation({
    summary: 'What runs here: version, store, migrations. Holds no secret and nobody’s data.',
  })
  @ApiOkResponse({ type: AboutDto })
  about(): Promise<AboutDto> {
    return aboutJson(this.parts);
  }

  @Get('projections')
  @ApiOperation({ summary: 'How far each read model is behind the log.' })
  @ApiOkResponse({ type: ProjectionsDto })
  async projections(): Promise<ProjectionsDto> {
    const { head, pendingDeliveries, projections } = await this.parts.projections();
    return {
      head: safeNumber(head),
      pendingDeliveries: safeNumber(pendingDeliveries),
      projections: projections.map(({ name, version, schema, position, lag }) => ({
        name,
        version,
        schema,
        position: safeNumber(position),
        lag: safeNumber(lag),
      })),
    };
  }
}
