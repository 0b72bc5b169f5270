/** Why is this 3? Every figure of a member and of a creator, explained from the log. */
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Principal } from '#libs/access';
import {
  type Explanation,
  explain,
  explainable,
  type FigureSubject,
  ReadSide,
} from '#libs/application';
import { Caller } from '../caller.js';
import { ExplainableDto, ExplanationDto } from '../dto/explain.js';
import { ExplainQuery, explainAsked } from '../dto/explain-query.js';
import { explanationJson } from '../dto/explanation-json.js';
import { ProblemDto } from '../dto/problem.js';
import { CreatorIdPipe, MemberIdPipe } from '../ids.js';

const DESCRIPTION =
  'The events that count, each with what it adds, their sum, what was not counted and why, and ' +
  'whether the read models say the same at the same position. The source is the log. Without ' +
  '`figure`: what can be explained.';

const ANSWER = {
  schema: {
    oneOf: [{ $ref: getSchemaPath(ExplanationDto) }, { $ref: getSchemaPath(ExplainableDto) }],
  },
};
const UNKNOWN = { status: 400, description: 'No such figure: they are listed.', type: ProblemDto };

@ApiTags('explanations')
@ApiExtraModels(ExplanationDto, ExplainableDto)
@Controller('api/creators/:creator')
export class ExplainController {
  constructor(@Inject(ReadSide) private readonly reads: ReadSide) {}

  @Get('explain')
  @ApiOperation({ summary: 'Why a figure of a creator is what it is.', description: DESCRIPTION })
  @ApiOkResponse(ANSWER)
  @ApiResponse(UNKNOWN)
  creator(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Query() query: ExplainQuery,
  ): Promise<ExplanationDto | ExplainableDto> {
    return this.answer({ creatorId }, query);
  }

  @Get('members/:member/explain')
  @ApiOperation({ summary: 'Why a figure of a member is what it is.', description: DESCRIPTION })
  @ApiOkResponse(ANSWER)
  @ApiResponse(UNKNOWN)
  member(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Query() query: ExplainQuery,
    @Caller() caller: Principal,
  ): Promise<ExplanationDto | ExplainableDto> {
    return this.answer({ creatorId, memberId }, query, caller.memberId);
  }

  private async answer(
    subject: { readonly creatorId: string; readonly memberId?: string },
    query: ExplainQuery,
    onlyMember?: string,
  ): Promise<ExplanationDto | ExplainableDto> {
    const { figure } = query;
    if (figure === undefined)
      return { figures: figuresOf(subject.memberId === undefined ? 'creator' : 'member') };
    const found = await explain(this.reads, explainAsked(subject, figure, query));
    return explanationJson(subject.creatorId, aloneInRanking(found, onlyMember));
  }
}

const figuresOf = (subject: FigureSubject): ExplainableDto['figures'] =>
  [false, true].flatMap((ofSource) =>
    explainable(subject, ofSource).map(({ figure, unit, says, stated, byDay }) => ({
      ...{ figure, unit, says, ofSource, stated, byDay },
    })),
  );

/** Whoever stands around a member in the ranking is nothing of theirs. */
function aloneInRanking(found: Explanation, memberId: string | undefined): Explanation {
  if (memberId === undefined || found.rank === undefined) return found;
  const around = found.rank.around.filter((one) => one.memberId === memberId);
  return { ...found, rank: { ...found.rank, around } };
}
