/** Whether something is as it should be, and what to do where it is not. */
export interface Finding {
  /** What was looked at, in one or two words. */
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

export const ok = (check: string, text: string): Finding => ({ check, status: 'ok', text });
export const warn = (check: string, text: string): Finding => ({ check, status: 'warn', text });
export const fail = (check: string, text: string): Finding => ({ check, status: 'fail', text });

/** Whether one of them is a failure. */
export const anyFails = (findings: readonly Finding[]): boolean =>
  findings.some(({ status }) => status === 'fail');
