import { isTime, toAmericanDay, toIsoTime } from './times.js';

it.each([
  ['2020-05-06T23:30:00', 'UTC', 'UTC', '05/06/2020'],
  ['2020-05-06T23:30:00', 'UTC', 'Europe/Berlin', '05/07/2020'],
  ['2020-05-06T23:30:00', null, 'Europe/Berlin', '05/07/2020'],
  ['2020-05-06T00:30:00.0000000', 'UTC', 'America/New_York', '05/05/2020'],
  ['2020-05-06T23:30:00', 'Pacific Standard Time', 'UTC', '05/07/2020'],
  ['2020-05-06T23:30:00', 'Nowhere', 'UTC', '05/06/2020'],
  ['2020-05-06T23:30:00+14:00', 'UTC', 'UTC', '05/06/2020'],
  ['2020-05-06T00:30:00+14:00', 'UTC', 'UTC', '05/05/2020'],
  ['2020-05-06T23:30:00Z', 'Europe/Berlin', 'UTC', '05/06/2020'],
  // A day is the same day everywhere.
  ['2020-05-06', 'UTC', 'Pacific/Kiritimati', '05/06/2020'],
  ['2020-05-06', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', '05/06/2020'],
  // In the night in which clocks are put forward.
  ['2020-03-29T00:59:00', 'UTC', 'Europe/Berlin', '03/29/2020'],
])('takes %s in %s for a day in %s: %s', (time, given, zone, day) => {
  expect(toAmericanDay(time, given, zone)).toBe(day);
});

it('says a time with the offset of the zone', () => {
  expect(toIsoTime('2020-07-01T12:00:00', 'UTC', 'Europe/Berlin')).toBe('2020-07-01T14:00:00.000+02:00');
  expect(toIsoTime('2020-07-01', 'UTC', 'Europe/Berlin')).toBe('2020-07-01');
});

it('knows what is no time', () => {
  const none = [
    '',
    'May',
    '1',
    'tomorrow',
    '2020-13-01',
    '05/06/2020',
    '20201130',
    '12:30',
    '2020',
    '2020-W10',
    '2020-100',
  ];
  expect(none.filter(isTime)).toEqual([]);
  expect(['2020-11-30', '2020-11-30T12:30', '2020-11-30T12:30:00.0000000+01:00'].every(isTime)).toBe(true);
});
