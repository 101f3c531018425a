import type { Fault } from '../problems.js';
import { DtoReader, type Source } from './dto-reader.js';
import { BooleanField, EmailField, IdField, IntegerField, TextField } from './fields.js';

const description = 'For the test';

class LampDto {
  @TextField({ description, minLength: 2, maxLength: 4 })
  name: string;

  @TextField({ description, nullable: true })
  note: string | null;

  @BooleanField({ description })
  lit: boolean;
}

class PageDto {
  @IntegerField({ description, minimum: 0, maximum: 10, default: 5 })
  limit: number;
}

class PathDto {
  @IdField({ description })
  id: number;
}

class PersonDto {
  @EmailField({ description })
  email: string;
}

function read(dto: new () => object, input: unknown, source: Source = 'body') {
  const faults: Fault[] = [];
  return { value: new DtoReader(source, dto).read(input, faults), faults };
}

const lamp = { name: 'Lamp', note: 'Brass', lit: true };

describe('DtoReader', () => {
  it('makes an instance of the class', () => {
    const { value, faults } = read(LampDto, lamp);
    expect(value).toBeInstanceOf(LampDto);
    expect(value).toEqual(lamp);
    expect(faults).toEqual([]);
  });

  it('converts, fills in defaults and leaves the input alone', () => {
    const input = Object.freeze({ name: 'Lamp', lit: 'off' });
    expect(read(LampDto, input).value).toEqual({ name: 'Lamp', note: null, lit: false });
    expect(read(PageDto, {}, 'query').value).toEqual({ limit: 5 });
    expect(read(PageDto, { limit: ' 7 ' }, 'query').value).toEqual({ limit: 7 });
    expect(input).toEqual({ name: 'Lamp', lit: 'off' });
  });

  it('drops what the class does not declare', () => {
    const input: unknown = JSON.parse(
      '{"name":"Lamp","lit":1,"id":7,"__proto__":{"admin":true},"constructor":{}}',
    );
    const { value } = read(LampDto, input);
    expect(Object.keys(value).toSorted()).toEqual(['lit', 'name', 'note']);
    expect(value).not.toHaveProperty('admin');
    expect(Object.getPrototypeOf(value)).toBe(LampDto.prototype);
  });

  it('takes no field from a prototype', () => {
    const { faults } = read(LampDto, Object.create(lamp));
    expect(faults.map(({ type }) => type)).toEqual(['missing', 'missing']);
  });

  it('reads an object without a prototype', () => {
    expect(read(PageDto, Object.assign(Object.create(null), { limit: '3' }), 'query').value).toEqual({
      limit: 3,
    });
  });

  it.each([
    [undefined, 'missing'],
    [null, 'model_attributes_type'],
    [[], 'model_attributes_type'],
    [[lamp], 'model_attributes_type'],
    ['Lamp', 'model_attributes_type'],
    [1, 'model_attributes_type'],
    [true, 'model_attributes_type'],
  ])('finds one fault with %j as a whole', (input, type) => {
    expect(read(LampDto, input).faults).toEqual([{ loc: ['body'], msg: expect.any(String), type }]);
  });

  it('tells one fault for each field, in their order, behind those there are', () => {
    const faults: Fault[] = [{ loc: ['path', 'id'], msg: 'Bad', type: 'bad' }];
    new DtoReader('body', LampDto).read({ note: 1, lit: 'maybe' }, faults);
    expect(faults).toEqual([
      { loc: ['path', 'id'], msg: 'Bad', type: 'bad' },
      { loc: ['body', 'name'], msg: 'Field required', type: 'missing' },
      { loc: ['body', 'note'], msg: 'Input should be a valid string', type: 'string_type' },
      {
        loc: ['body', 'lit'],
        msg: 'Input should be a valid boolean, unable to interpret input',
        type: 'bool_parsing',
      },
    ]);
  });

  it.each([
    [null, 'string_type'],
    [1, 'string_type'],
    [['ab'], 'string_type'],
    ['a\0b', 'string_unicode'],
    ['a\ud800b', 'string_unicode'],
    ['a', 'string_too_short'],
    ['😀', 'string_too_short'],
    ['abcde', 'string_too_long'],
    ['😀😀😀😀😀', 'string_too_long'],
  ])('finds with the text %j: %s', (name, type) => {
    expect(read(LampDto, { ...lamp, name }).faults).toEqual([
      { loc: ['body', 'name'], msg: expect.any(String), type },
    ]);
  });

  it.each(['ab', '😀😀', 'abcd', '😀😀😀😀'])('counts characters: %s fits', (name) => {
    expect(read(LampDto, { ...lamp, name }).faults).toEqual([]);
  });

  it.each([
    null,
    undefined,
    1,
    true,
    'ada',
    'ada@',
    '@example.com',
    'a b@example.com',
    `${'a'.repeat(300)}@x.org`,
  ])('finds one fault with the e-mail %s', (email) => {
    expect(read(PersonDto, { email }).faults).toHaveLength(1);
  });

  it.each([
    ['x', 'int_parsing'],
    ['', 'int_parsing'],
    ['1.5', 'int_parsing'],
    ['-1', 'greater_than_equal'],
    ['-99999999999999999999', 'greater_than_equal'],
    ['11', 'less_than_equal'],
    ['99999999999999999999', 'less_than_equal'],
  ])('finds with the integer %j: %s', (limit, type) => {
    expect(read(PageDto, { limit }, 'query').faults).toEqual([
      { loc: ['query', 'limit'], msg: expect.any(String), type },
    ]);
  });

  it.each([
    ['7', 7],
    ['-1', -1],
    ['99999999999999999999', 99_999_999_999_999_999_999n],
  ])('takes %s for an id, which need not be in range', (id, value) => {
    expect(read(PathDto, { id }, 'path')).toEqual({ value: { id: value }, faults: [] });
  });

  it('says nothing of what was sent', () => {
    const { faults } = read(LampDto, { name: 'qwxyz', note: ['qwxyz'], lit: 'qwxyz' });
    expect(faults).toHaveLength(3);
    expect(JSON.stringify(faults)).not.toContain('qwxyz');
  });
});
