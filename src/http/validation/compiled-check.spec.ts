import { IsEmail, IsInt, IsOptional, Max, Min, validateSync, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import { WriteNoteDto } from '../../notes/dto/write-note.dto.js';
import { NotesPageDto } from '../../notes/dto/notes-page.dto.js';
import { CreateItemDto } from '../../users/dto/create-item.dto.js';
import { CreateUserDto } from '../../users/dto/create-user.dto.js';
import { compileCheck } from './compiled-check.js';

class Plain {
  @IsInt()
  @Min(1)
  @Max(9)
  size: number;

  @IsEmail()
  email: string;
}

class Optional {
  @IsOptional()
  @IsInt()
  size?: number;
}

class Nested {
  @ValidateNested()
  plain: Plain;
}

class EachOf {
  @IsInt({ each: true })
  sizes: number[];
}

describe('compileCheck', () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.string({ unit: 'binary' }),
    fc.emailAddress(),
    fc.boolean(),
    fc.integer({ min: -2, max: 1_200 }),
    fc.bigInt(),
    fc.constantFrom('a'.repeat(10_000), 'a'.repeat(10_001), '\0', '\ud800', null, undefined, NaN),
  );

  /** What a check says, or what it throws: class-validator's IsEmail does so at half a surrogate pair. */
  const outcome = (check: () => unknown): unknown => {
    try {
      return check();
    } catch (error) {
      return String(error);
    }
  };

  it.each([
    [Plain, ['size', 'email']],
    [WriteNoteDto, ['text', 'completed']],
    [NotesPageDto, ['skip', 'take']],
    [CreateItemDto, ['title', 'description']],
    [CreateUserDto, ['email', 'password']],
  ])('agrees with class-validator on generated values of %o', (dto, properties) => {
    const holds = compileCheck(dto);
    fc.assert(
      fc.property(fc.tuple(anything, anything), (values) => {
        const object = Object.assign(
          new dto(),
          Object.fromEntries(properties.map((name, n) => [name, values[n]])),
        );
        const expected = outcome(() => validateSync(object, { stopAtFirstError: true }).length === 0);
        expect(outcome(() => holds?.(object)) === true).toBe(expected === true);
      }),
      { numRuns: 500 },
    );
  });

  it('finds an object without a fault to have none', () => {
    const object = Object.assign(new Plain(), { size: 3, email: 'ada@example.com' });
    expect(compileCheck(Plain)?.(object)).toBe(true);
  });

  it.each([[Optional], [Nested], [EachOf]])('leaves %o to class-validator', (dto) => {
    expect(compileCheck(dto)).toBeUndefined();
  });
});
