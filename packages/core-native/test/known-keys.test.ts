import { knownKeys, optionsOf } from '@bsd-sockets/core-native';
import { describe, expect, test } from 'vitest';

interface Told {
  sourceAddress?: string;
  allErrors?: boolean;
  dualstackIpv6?: boolean;
}

const known = { sourceAddress: true, allErrors: true, dualstackIpv6: true };

const refusal = (message: string) =>
  expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message });

describe('a record', () => {
  test.each<[string, string]>([
    ['source_address', 'sourceAddress'],
    ['sourceaddress', 'sourceAddress'],
    ['SourceAddress', 'sourceAddress'],
    ['souceAdress', 'sourceAddress'],
    ['allError', 'allErrors'],
    ['all_errors', 'allErrors'],
    ['dualstack_ipv6', 'dualstackIpv6'],
    ['dualStackIPv6', 'dualstackIpv6'],
  ])('with %s is refused for %s', (key, meant) => {
    expect(() => knownKeys('options', { [key]: undefined } as Told, known)).toThrow(
      refusal(`options: unknown key '${key}': did you mean '${meant}'?`),
    );
  });

  test.each(['constructor', 'toString', '', '0', 'timeout', 'errors of a very long name', '__proto__x'])(
    'with %j is refused, and told what is known',
    (key) => {
      expect(() => knownKeys('link', { allErrors: true, [key]: 1 } as Told, known)).toThrow(
        refusal(`link: unknown key '${key}': known are sourceAddress, allErrors, dualstackIpv6`),
      );
    },
  );

  test('with a key that it inherits is refused', () => {
    expect(() => knownKeys('options', Object.create({ all_errors: true }), known)).toThrow(
      refusal("options: unknown key 'all_errors': did you mean 'allErrors'?"),
    );
    expect(() => knownKeys('options', new AbortController().signal as Told, known)).toThrow(/^options: unknown key /);
  });

  test('with known keys is taken, inherited ones too, whatever all objects have', () => {
    knownKeys('options', {}, known);
    knownKeys<Told>('options', { allErrors: true, sourceAddress: 'a' }, known);
    knownKeys('options', Object.create({ allErrors: true }), known);
    knownKeys('options', Object.assign(Object.create(null), { allErrors: true }), known);
    Object.assign(Object.prototype, { polluted: 1 });
    try {
      knownKeys('options', {}, known);
    } finally {
      delete (Object.prototype as { polluted?: number }).polluted;
    }
  });
});

describe('options', () => {
  test('are what was handed in, or none', () => {
    const options = { allErrors: true };
    expect(optionsOf<Told>(options, known)).toBe(options);
    expect(optionsOf<Told>(undefined, known)).toEqual({});
    expect(optionsOf<Told>(null, known)).toEqual({});
  });

  test.each([5, 'text', true, 1n, () => 1])('are not %s', (value) => {
    expect(() => optionsOf(value as Told, known)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(/^options: expected an object, such as \{ sourceAddress \}, got /),
      }),
    );
  });

  test('with an unknown key are refused by the name of the argument', () => {
    expect(() => optionsOf({ all_errors: true } as Told, known, 'settings')).toThrow(
      refusal("settings: unknown key 'all_errors': did you mean 'allErrors'?"),
    );
  });
});
