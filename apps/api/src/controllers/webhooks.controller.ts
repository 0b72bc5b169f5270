/**
 * Where deliveries arrive: the hot path. By the time a handler runs, size, type and encoding have
 * been judged and the body is the bytes that were sent. Verify, store, answer; nothing is decided here.
 */
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Headers, Provider, Stored } from '#libs/ingestion';
import { API_PARTS, type ApiParts } from '../api-parts.js';
import { DeliveryDto } from '../dto/delivery.js';
import { ProblemDto } from '../dto/problem.js';
import { ApiMetrics } from '../metrics.js';
import { LATER, Problem } from '../problem.js';
import { RateLimits } from '../rate-limits.js';
import { deliveryToken, SETTLED_HEADER } from '../settled.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const BODY_OF_STATUS = {
  stored: '{"status":"stored"}',
  duplicate: '{"status":"duplicate"}',
} as const;
/** Kept beside the body, so that the signature can be checked again. */
const KEPT_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-whop-signature'];

@ApiTags('webhooks')
@Controller('api/webhooks')
export class WebhooksController {
  readonly #whop: Provider | undefined;

  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(ApiMetrics) private readonly metrics: ApiMetrics,
    @Inject(RateLimits) private readonly limits: RateLimits,
  ) {
    this.#whop = parts.providers.find((provider) => provider.name === 'whop');
  }

  /** Answers itself, with prepared strings: neither Nest nor Fastify serialises anything. */
  @Post('whop')
  @HttpCode(200)
  @ApiOperation({
    summary: 'A delivery from Whop, in any of its three wire generations.',
    description:
      'Signed with `webhook-signature` (Standard Webhooks) or `x-whop-signature` over the raw ' +
      'bytes. 200 means stored durably; every other answer means that it must be sent again.',
  })
  @ApiBody({ schema: { type: 'object' } })
  @ApiOkResponse({
    type: DeliveryDto,
    headers: {
      [SETTLED_HEADER]: {
        description: 'Give it to any read as `?settled=` to see this delivery in the answer.',
        schema: { type: 'string' },
      },
    },
  })
  @ApiHeader({ name: 'webhook-signature', required: false })
  @ApiHeader({ name: 'x-whop-signature', required: false })
  @ApiResponse({ status: 401, description: 'Bad signature.', type: ProblemDto })
  @ApiResponse({ status: 413, description: 'Larger than 256 KB.', type: ProblemDto })
  @ApiResponse({ status: 415, description: 'Not plain JSON in UTF-8.', type: ProblemDto })
  @ApiResponse({ status: 429, description: 'Too many bad signatures.', type: ProblemDto })
  @ApiResponse({ status: 503, description: 'Could not be stored.', type: ProblemDto })
  whop(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#receive(this.#whop, request, reply);
  }

  async #receive(
    provider: Provider | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    if (provider === undefined)
      throw new Problem(503, 'provider_not_configured', 'No secret is configured for this sender.');
    const body = request.body as Buffer;
    const { headers } = request.raw;
    const receivedAt = this.parts.realClock.now();
    const verified = provider.verify({ headers, body, now: receivedAt });
    if (!verified.ok) {
      this.metrics.refused(verified.code);
      const tooMany = this.limits.forged(request);
      if (tooMany !== undefined) throw tooMany;
      // The sender learns that it was refused, not how close it came.
      request.log.info({ requestId: request.id, code: verified.code }, 'signature refused');
      throw new Problem(401, 'signature_invalid', 'The signature does not hold.');
    }
    const { deliveryId, generation } = verified;
    const delivery = {
      provider: provider.name,
      deliveryId,
      generation,
      body,
      headers: kept(headers),
      receivedAt,
    };
    let stored: Stored;
    try {
      stored = await this.parts.inbox.store(delivery);
    } catch (cause) {
      this.metrics.unavailable();
      throw new Problem(503, 'delivery_not_stored', 'Send the delivery again.', {
        headers: LATER,
        cause,
      });
    }
    this.metrics.acknowledged(stored.status);
    void reply
      .header(SETTLED_HEADER, deliveryToken(stored.id))
      .header('content-type', JSON_TYPE)
      .send(BODY_OF_STATUS[stored.status]);
  }
}

function kept(headers: Headers): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') result[name] = value;
  }
  return result;
}
