import { Module } from '@nestjs/common';
import { HomeController } from './home.controller.js';

/** What is at `/`. */
@Module({ controllers: [HomeController] })
export class HomeModule {}
