import { BooleanField } from '../../../http/validation/fields.js';

/** How a dump is imported. */
export class ImportQueryDto {
  @BooleanField({
    description: 'Only reports what the import would do',
    example: false,
    default: false,
  })
  dry_run: boolean;

  @BooleanField({
    description: 'Imports nothing where any record is at fault',
    example: false,
    default: false,
  })
  strict: boolean;
}
