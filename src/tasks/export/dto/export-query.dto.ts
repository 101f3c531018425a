import { BooleanField, ChoiceField, TimeZoneField } from '../../../http/validation/fields.js';
import { FORMATS } from '../formats.js';

/** What dates and cells are like in a CSV. */
export interface CsvOptions {
  readonly time_zone: string;
  readonly safe_cells: boolean;
}

/** How tasks are exported. */
export class ExportQueryDto implements CsvOptions {
  @ChoiceField({
    description:
      'asana: a zip with a CSV for each list and a report; csv: one CSV of all; json: the dump that imports take',
    example: 'asana',
    choices: FORMATS,
    default: 'asana',
  })
  format: (typeof FORMATS)[number];

  @TimeZoneField({
    description: 'The time zone of the dates, by its IANA name',
    example: 'Europe/Berlin',
    default: 'UTC',
  })
  time_zone: string;

  @BooleanField({
    description: 'Puts an apostrophe before cells that a spreadsheet would run as a formula',
    example: true,
    default: true,
  })
  safe_cells: boolean;
}
