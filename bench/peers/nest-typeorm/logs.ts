import { Body, Controller, Get, HttpCode, Injectable, Module, Post } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { IsString } from 'class-validator';
import { Column, Entity, PrimaryGeneratedColumn, Repository } from 'typeorm';

@Entity('logs')
class LogEntry {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('text')
  message: string;

  @Column('varchar', { length: 24 })
  timestamp: string;
}

class CreateLogDto {
  @IsString()
  message: string;
}

@Injectable()
class LogsService {
  constructor(@InjectRepository(LogEntry) private readonly logs: Repository<LogEntry>) {}

  async create({ message }: CreateLogDto): Promise<{ status: string }> {
    await this.logs.insert({ message, timestamp: new Date().toISOString() });
    return { status: 'Log entry created' };
  }

  async findAll(): Promise<{ logs: LogEntry[] }> {
    return { logs: await this.logs.find({ order: { id: 'ASC' } }) };
  }
}

@Controller()
class LogsController {
  constructor(private readonly logs: LogsService) {}

  @Post('log')
  @HttpCode(200)
  create(@Body() entry: CreateLogDto): Promise<{ status: string }> {
    return this.logs.create(entry);
  }

  @Get('logs')
  findAll(): Promise<{ logs: LogEntry[] }> {
    return this.logs.findAll();
  }
}

/** Log entries. */
@Module({
  imports: [TypeOrmModule.forFeature([LogEntry])],
  controllers: [LogsController],
  providers: [LogsService],
})
export class LogsModule {}
