import { engines } from '../support/databases.js';
import { faultOption } from '../support/fault-options.js';
import { faultLines, fuzz } from '../support/fuzz.js';

// npm run test:faults -- fuzz --requests 100000 [--seed N]
describe.each(engines)('requests that the OpenAPI document describes, right and wrong, on %s', (engine) => {
  it('are answered as it says, each of them', async () => {
    const requests = faultOption('requests', 20_000);
    const seed = faultOption('seed', Date.now() % 1_000_000_000);
    const begin = performance.now();
    const report = await fuzz(engine, { requests, seed });
    const seconds = (performance.now() - begin) / 1_000;
    process.stdout.write(
      `${engine}: ${report.requests} requests in ${seconds.toFixed(0)} s with the seed ${seed}, ` +
        `statuses ${JSON.stringify(report.statuses)}, ${report.faults.size} kinds of faults\n`,
    );
    expect(report.requests).toBe(requests);
    expect(faultLines(report)).toEqual([]);
  });
});
