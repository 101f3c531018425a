/** What `npm run test:faults` was asked for: `--requests`, `--rounds`, `--seed`, or what a proof takes without it. */
export function faultOption(name: 'requests' | 'rounds' | 'seed', otherwise: number): number {
  return Number(process.env[`FAULTS_${name.toUpperCase()}`] ?? otherwise);
}
