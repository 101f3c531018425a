import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../database/repositories.module.js';
import { Note } from './note.entity.js';
import { NotesController } from './notes.controller.js';
import { NotesService } from './notes.service.js';

/** Notes. */
@Module({
  imports: [RepositoriesModule.forFeature([Note])],
  controllers: [NotesController],
  providers: [NotesService],
})
export class NotesModule {}
