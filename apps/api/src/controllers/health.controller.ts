/** Probes: is the process alive, and can it do its work? */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { API_PARTS, type ApiParts, type HealthReport } from '../api-parts.js';
import { LiveDto, ReadyDto } from '../dto/health.js';
import { safeNumber } from '../dto/numbers.js';

const COMPONENTS = ['database', 'projections', 'intake', 'migrations'] as const;
/** What makes nobody unready. */
const BESIDE = ['log', 'journal', 'checks', 'months'] as const;
/** A probe that hangs is worse than one that fails. */
const HEALTH_TIMEOUT_MS = 2_000;

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(@Inject(API_PARTS) private readonly parts: ApiParts) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs.' })
  @ApiOkResponse({ type: LiveDto })
  live(): LiveDto {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Deliveries can be stored and reads answered.' })
  @ApiOkResponse({ type: ReadyDto })
  @ApiResponse({ status: 503, description: 'Not ready; says which part.', type: ReadyDto })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyDto> {
    const report = await this.#report();
    const ready = COMPONENTS.every((name) => report[name].ok);
    void reply.code(ready ? 200 : 503);
    const components = Object.fromEntries(
      [...COMPONENTS, ...BESIDE].flatMap((name) => {
        const component = report[name];
        if (component === undefined) return [];
        const { ok, lagPositions, detail } = component;
        const lag = lagPositions === undefined ? {} : { lagPositions: safeNumber(lagPositions) };
        return [[name, { status: ok ? 'ok' : 'failing', ...lag, ...(detail ? { detail } : {}) }]];
      }),
    ) as unknown as ReadyDto['components'];
    return { status: ready ? 'ready' : 'unready', components };
  }

  /** A report that fails or takes too long is one of a database that does not answer. */
  async #report(): Promise<HealthReport> {
    const unknown = { ok: false, detail: 'unknown' };
    const silent: HealthReport = {
      database: { ok: false, detail: 'does not answer' },
      projections: unknown,
      intake: unknown,
      migrations: unknown,
    };
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<HealthReport>((resolve) => {
      timer = setTimeout(resolve, HEALTH_TIMEOUT_MS, silent);
    });
    try {
      return await Promise.race([this.parts.health().catch(() => silent), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}
