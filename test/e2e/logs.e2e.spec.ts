import { engines } from '../support/databases.js';
import { startApp, type TestApp } from '../support/app.js';

describe.each(engines)('logs on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());

  it('keeps a message and lists it with its id and time', async () => {
    const before = new Date().toISOString();
    const created = await test.app.inject({ method: 'POST', url: '/log', payload: { message: 'hello' } });
    expect(created.statusCode).toBe(200);
    expect(created.body).toBe('{"status":"Log entry created"}');

    const listed = await test.app.inject('/logs');
    expect(listed.headers['content-type']).toBe('application/json');
    const { logs } = listed.json();
    expect(logs).toEqual([{ id: 1, message: 'hello', timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) }]);
    expect(logs[0].timestamp >= before).toBe(true);
  });
});
