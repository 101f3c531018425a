import { Between, type FindOptionsOrder, type FindOptionsWhere, type Repository } from 'typeorm';

const PAGE_ROWS = 1_000;

/**
 * Reads all rows there are when it begins, by id, a page at a time, each row as `map` makes it.
 * A page starts behind the last id of the one before, which the primary key finds at once, however far it is.
 */
export async function* pagesById<Entity extends { id: number }, Row>(
  repository: Repository<Entity>,
  map: (entity: Entity) => Row,
): AsyncGenerator<Row[]> {
  // Later pages are read when the client asks for more, which is outside the request's session.
  const rows = repository.manager.getRepository<Entity>(repository.target);
  const [newest] = await rows.find({ order: { id: 'DESC' } as FindOptionsOrder<Entity>, take: 1 });
  const end = newest?.id ?? 0;
  for (let after = 0; after < end;) {
    const page = await rows.find({
      where: { id: Between(after + 1, end) } as FindOptionsWhere<Entity>,
      order: { id: 'ASC' } as FindOptionsOrder<Entity>,
      take: PAGE_ROWS,
    });
    after = page.at(-1)?.id ?? end;
    if (page.length > 0) yield page.map(map);
  }
}
