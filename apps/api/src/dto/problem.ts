import { ApiProperty } from '@nestjs/swagger';

export class FieldErrorDto {
  @ApiProperty()
  field: string;
  @ApiProperty()
  message: string;
}

/** RFC 9457, application/problem+json. */
export class ProblemDto {
  @ApiProperty({ example: 'Bad Request' })
  title: string;
  @ApiProperty({ type: 'integer', example: 400 })
  status: number;
  @ApiProperty({ example: 'input_invalid', description: 'Stable: programs may rely on it.' })
  code: string;
  @ApiProperty({ description: 'For people.' })
  detail: string;
  @ApiProperty({ description: 'Finds the request in the logs.' })
  requestId: string;
  @ApiProperty({ type: [FieldErrorDto], required: false })
  errors?: FieldErrorDto[];
}
