import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** The kernel counts CPU time in ticks of 10 ms (USER_HZ, proc_pid_stat(5)). */
const TICK_US = 10_000;

/** Microseconds of CPU time, user and system, of a process and its workers so far, those that have ended included. */
export function cpuMicroseconds(pid) {
  // utime, stime, cutime and cstime: the last two are those of the workers that have ended.
  const ticks = family(pid).map(({ fields }) =>
    fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0),
  );
  return ticks.reduce((sum, one) => sum + one, 0) * TICK_US;
}

/** Resident memory of a process and its workers now, in bytes. */
export function residentBytes(pid) {
  return sumOfStatus(pid, 'VmRSS');
}

/** The most resident memory since the last reset, in bytes. With workers, the sum of what each had at most. */
export function peakResidentBytes(pid) {
  return sumOfStatus(pid, 'VmHWM');
}

/** Lets the peak of the resident memory begin anew (proc_pid_clear_refs(5)). */
export function resetPeakResident(pid) {
  for (const member of family(pid)) writeFileSync(`/proc/${member.pid}/clear_refs`, '5');
}

function sumOfStatus(pid, field) {
  const kilobytes = family(pid).map((member) => {
    const status = read(`/proc/${member.pid}/status`) ?? '';
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  });
  return kilobytes.reduce((sum, one) => sum + one, 0) * 1_024;
}

/** A process with its children and theirs. `fields` are those of /proc/<pid>/stat behind the name. */
function family(pid) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), stat: read(`/proc/${name}/stat`) }))
    .filter(({ stat }) => stat !== undefined)
    // The name is in brackets and may itself have blanks and brackets.
    .map((one) => ({ pid: one.pid, fields: one.stat.slice(one.stat.lastIndexOf(')') + 2).split(' ') }));
  const members = all.filter((one) => one.pid === pid);
  for (const parent of members) members.push(...all.filter(({ fields }) => Number(fields[1]) === parent.pid));
  return members;
}

/** What a file holds, or nothing where its process has just ended. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
