import { Module } from '@nestjs/common';
import { MetricsController } from './metrics.controller.js';

/** Metrics. */
@Module({ controllers: [MetricsController] })
export class MetricsModule {}
