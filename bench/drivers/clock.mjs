/** Milliseconds of the clock that all processes of a machine share (CLOCK_MONOTONIC). */
export function clockMs() {
  return Number(process.hrtime.bigint()) / 1e6;
}
