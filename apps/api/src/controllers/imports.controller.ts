/** Imports: an admin sends the lines of a file, chunk by chunk, each durable before it is answered. */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type BatchParts, type Imports, previewLines } from '#libs/ingestion';
import type { Clock } from '#libs/ledger';
import {
  ImportDto,
  ImportInput,
  importJson,
  LinesQuery,
  PreviewDto,
  PreviewQuery,
  previewJson,
} from '../dto/imports.js';
import { ProblemDto } from '../dto/problem.js';
import { Problem } from '../problem.js';

export const IMPORT_PARTS = Symbol('ImportParts');

export interface ImportParts {
  readonly realClock: Clock;
  readonly imports: Imports;
  /** What the intake decides with. */
  readonly deciding: () => Promise<BatchParts>;
}

const LINES = 'application/x-ndjson';

@ApiTags('admin')
@Controller('api/admin/imports')
export class ImportsController {
  constructor(@Inject(IMPORT_PARTS) private readonly parts: ImportParts) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Begins an import, or finds the one that read the same file the same way.',
    description:
      'It goes on at `position`: send the lines from there on to `/lines`. Without `sha256` it is ' +
      'always a new one; lines that are there already are stored once all the same.',
  })
  @ApiOkResponse({ type: ImportDto })
  async open(@Body() input: ImportInput): Promise<ImportDto> {
    const { name, sha256, bytes, kind, creatorId } = input;
    const asked = {
      name,
      kind,
      creatorId,
      ...(sha256 === undefined ? {} : { sha256: Buffer.from(sha256, 'hex') }),
      ...(bytes === undefined ? {} : { bytes }),
    };
    return importJson(await this.parts.imports.open(asked, this.parts.realClock.now()));
  }

  /** Before `:id`, which would match it. */
  @Post('preview')
  @HttpCode(200)
  @ApiOperation({
    summary: 'What an import of these lines would do, by the code that would decide it.',
    description: 'Nothing is written. Each chunk is judged against the ledger alone.',
  })
  @ApiConsumes(LINES)
  @ApiBody({ schema: { type: 'string' }, description: LINES })
  @ApiOkResponse({ type: PreviewDto })
  async preview(
    @Query() { before, kind, creator: creatorId }: PreviewQuery,
    @Req() request: FastifyRequest,
  ): Promise<PreviewDto> {
    const receivedAt = this.parts.realClock.now();
    const asked = { bytes: bytesOf(request), before, kind, creatorId, receivedAt };
    return previewJson(await previewLines(await this.parts.deciding(), asked));
  }

  @Post(':id/lines')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Stores whole lines that begin at a byte of the file; durable once it is answered.',
    description: 'At most 4 MB. Send the next chunk with `from` behind this one.',
  })
  @ApiConsumes(LINES)
  @ApiBody({ schema: { type: 'string' }, description: LINES })
  @ApiOkResponse({ schema: { type: 'object', properties: { position: { type: 'integer' } } } })
  @ApiResponse({ status: 404, description: 'No such import.', type: ProblemDto })
  @ApiResponse({ status: 409, description: 'It is at another byte.', type: ProblemDto })
  @ApiResponse({ status: 413, description: 'Larger than 4 MB.', type: ProblemDto })
  @ApiResponse({ status: 415, description: `Not ${LINES}, or compressed.`, type: ProblemDto })
  async lines(
    @Param('id') id: string,
    @Query() { from, last = false }: LinesQuery,
    @Req() request: FastifyRequest,
  ): Promise<{ position: number }> {
    const bytes = bytesOf(request);
    const receivedAt = this.parts.realClock.now();
    await this.parts.imports.store(known(id), { from: BigInt(from), bytes, last, receivedAt });
    return { position: from + bytes.length };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'How far an import is and, once the intake has settled it, what became of its lines.',
  })
  @ApiOkResponse({ type: ImportDto })
  @ApiResponse({ status: 404, description: 'No such import.', type: ProblemDto })
  async find(@Param('id') id: string): Promise<ImportDto> {
    const found = await this.parts.imports.find(known(id));
    if (!found.complete || !found.settled) return importJson(found);
    return importJson(found, await this.parts.imports.outcomes(found.id));
  }
}

/** Fastify leaves a body without bytes out. */
const bytesOf = ({ body }: FastifyRequest): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.alloc(0);

function known(id: string): string {
  if (/^[1-9]\d{0,17}$/.test(id)) return id;
  throw new Problem(404, 'import_not_found', 'There is no such import.');
}
