/** For those who bring their own cron: closes all months that are due, and says where all creators stand. */
import { Controller, Get, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Principal } from '#libs/access';
import { closeDueMonths, creatorsMonths, ReadSide, verificationOf } from '#libs/application';
import { CRON_PARTS, type CronParts } from '../api-parts.js';
import { Caller } from '../caller.js';
import { CronDto, CronStateDto, creatorStateJson, cronJson } from '../dto/cron.js';
import { asOfJson } from '../dto/figures.js';
import { ProblemDto } from '../dto/problem.js';
import { Problem } from '../problem.js';

const FORCE_REASON = 'x-force-reset of the cron';

@ApiTags('cron')
@Controller('api/cron/reset-monthly-stats')
export class CronController {
  constructor(
    @Inject(ReadSide) private readonly reads: ReadSide,
    @Inject(CRON_PARTS) private readonly parts: CronParts,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Closes every month that is due, of every creator, and verifies all that is sealed.',
    description:
      'On any day and as often as one likes: what is closed stays as it is. 409 with the same body ' +
      'if anything is blocked.',
  })
  @ApiHeader({
    name: 'x-force-reset',
    required: false,
    description: '`true` closes months inside their grace too, never one that has not ended.',
  })
  @ApiOkResponse({ type: CronDto })
  @ApiResponse({ status: 409, description: 'Something is in the way: `blocked`.', type: CronDto })
  @ApiResponse({ status: 401, description: 'CRON_SECRET is missing or wrong.', type: ProblemDto })
  @ApiResponse({ status: 503, description: 'CRON_SECRET is not set.', type: ProblemDto })
  async close(
    @Headers('x-force-reset') force: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() { actor }: Principal,
  ): Promise<CronDto> {
    const forceReason = isForced(force) ? FORCE_REASON : undefined;
    const { due, runner } = this.parts;
    const outcome = await closeDueMonths(due, { actor, forceReason });
    const { deliveries } = due.months;
    const verified = await verificationOf({ reads: this.reads, runner, deliveries });
    void reply.code(outcome.blocked.length === 0 ? 200 : 409);
    return cronJson(outcome, verified);
  }

  @Get()
  @ApiOperation({ summary: "Each creator's last closed month, and the next to be closed." })
  @ApiOkResponse({ type: CronStateDto })
  async state(): Promise<CronStateDto> {
    const blocked = new Map(
      (await this.parts.due.blocked.all()).map((one) => [one.creatorId, one]),
    );
    const items: CronStateDto['items'] = [];
    let asOf = asOfJson({ position: 0n, recordedAt: 0 });
    for await (const page of creatorsMonths(this.reads)) {
      asOf = asOfJson(page.asOf);
      for (const one of page.items)
        items.push(creatorStateJson(one, this.reads.now, blocked.get(one.creatorId)));
    }
    return { items, asOf };
  }
}

/** Throws `input_invalid`: what is neither yes nor no is more likely mistyped than meant. */
function isForced(force: string | undefined): boolean {
  if (force === undefined || force === 'false') return false;
  if (force === 'true') return true;
  throw new Problem(400, 'input_invalid', 'x-force-reset is true or false.');
}
