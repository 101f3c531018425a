import { IntegerField, TextField } from '../../http/validation/fields.js';

/** What to search for. */
export class SearchQueryDto {
  @TextField({
    description: 'A name, the beginning of one, or words; nothing finds nothing',
    example: 'os.path.join',
    maxLength: 200,
    default: '',
  })
  q: string;

  @TextField({
    description:
      'Only entries of this kind, such as `function`, `class`, `module`, `section`, in any letter case; ' +
      'a kind that the documentation does not have finds nothing',
    example: 'function',
    maxLength: 40,
    default: '',
  })
  kind: string;

  @IntegerField({ description: 'How many to give at most', minimum: 1, maximum: 100, default: 20 })
  limit: number;

  @IntegerField({ description: 'How many to pass over', minimum: 0, maximum: 1_000, default: 0 })
  offset: number;
}
