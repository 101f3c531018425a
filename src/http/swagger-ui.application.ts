import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { NO_SCHEMAS, ROUTER_OPTIONS } from './server.js';

/** It has no controllers: SwaggerModule adds its routes itself. */
@Module({})
class SwaggerUiModule {}

/** An application that serves Swagger UI for a document, and nothing else. It listens nowhere: requests are injected. */
export async function createSwaggerUi(document: OpenAPIObject): Promise<NestFastifyApplication> {
  const server = new FastifyAdapter({
    routerOptions: ROUTER_OPTIONS,
    schemaController: { compilersFactory: NO_SCHEMAS },
  });
  const ui = await NestFactory.create<NestFastifyApplication>(SwaggerUiModule, server, { logger: false });
  SwaggerModule.setup('docs', ui, document, { raw: false, customSiteTitle: 'Daybook API' });
  return ui.init();
}
