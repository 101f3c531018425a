import { ChoiceField } from '../../http/validation/fields.js';

/** What is told of tasks. */
export class TaskQueryDto {
  @ChoiceField({
    description: 'details: also what an import has brought, behind the three fields that all tasks have',
    example: 'details',
    choices: ['details'],
  })
  include: 'details' | null;
}
