import { type DynamicModule, Module } from '@nestjs/common';
import { type ApiParts, type Counters, partsProviders } from './api-parts.js';
import { AdminController } from './controllers/admin.controller.js';
import { HealthController } from './controllers/health.controller.js';
import { MetricsController } from './controllers/metrics.controller.js';
import { WebhooksController } from './controllers/webhooks.controller.js';

@Module({})
class PartsModule {}

@Module({})
class ApiModule {}

/** The root module: transport only. What it serves beyond deliveries and health comes in `parts.modules`. */
export function apiModule(parts: ApiParts, counters: Counters): DynamicModule {
  const providers = partsProviders(parts, counters);
  return {
    module: ApiModule,
    imports: [
      // Global, so that the controllers of `parts.modules` find the tokens too.
      { module: PartsModule, global: true, providers, exports: [...providers] },
      ...parts.modules,
    ],
    controllers: [WebhooksController, HealthController, MetricsController, AdminController],
  };
}
