/** The forms that tasks are exported in. Apart, so that the help of the command line loads no more than this. */
export const FORMATS = ['asana', 'csv', 'json'] as const;
