import { TextField } from '../../http/validation/fields.js';

/** The path of one entry. */
export class SymbolPathDto {
  @TextField({ description: 'Its whole name', example: 'os.path.join', maxLength: 500 })
  symbol: string;
}

/** Which of the entries of one name. */
export class SymbolKindDto {
  @TextField({
    description: 'Its kind, where several have the name; otherwise the most important is given',
    example: 'function',
    maxLength: 40,
    default: '',
  })
  kind: string;

  @TextField({
    description: 'Its `url`, where several have the name and the kind',
    example: 'https://docs.example/library/os.path.html#os.path.join',
    maxLength: 2_000,
    default: '',
  })
  url: string;
}
