import { Module } from '@nestjs/common';
import { SnapshotRepositoriesModule } from '../snapshot/snapshot.module.js';
import { Entry } from './entry.entity.js';
import { SearchController } from './search.controller.js';
import { SearchPagesController } from './search-pages.controller.js';
import { SearchService } from './search.service.js';

/** The search in the documentation. */
@Module({
  imports: [SnapshotRepositoriesModule.forFeature([Entry])],
  controllers: [SearchController, SearchPagesController],
  providers: [SearchService],
})
export class SearchModule {}
