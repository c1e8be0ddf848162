import { native } from '@bsd-sockets/core-native';
import { defineOption, type Option, type OptionCodec } from './option';

type Codec = { readonly size: number } & Partial<OptionCodec<any, any>>;

type OptionOf<C> = Option<
  C extends { readonly decode: (bytes: Buffer) => infer Value } ? Value : never,
  C extends { readonly encode: (value: infer Accepted, name: string) => Uint8Array } ? Accepted : never
>;

/** The options that rows define. Named after its rows, so that their comments get into the declarations. */
export type Table<Rows> = { readonly [Name in keyof Rows]: OptionOf<Rows[Name]> };

/**
 * Defines the typed options of one level.
 *
 * @param level - SOL_SOCKET, IPPROTO_TCP, …
 * @param rows - The codec of each option under its constant's name. Using an option says so if the platform does not have it.
 * @param constantOf - The name of an option's constant, where the option has another.
 * @returns The options, under the same names.
 * @throws As `defineOption`.
 */
export function table<Rows extends Record<string, Codec>>(
  level: number,
  rows: Rows,
  constantOf = (name: string): string => name,
): Table<Rows> {
  const options = Object.entries(rows).map(([name, codec]) => [
    name,
    // Where the platform does not have the constant, using the option says so.
    defineOption({ name, level, option: native.constants[constantOf(name)] as number, codec }),
  ]);
  return Object.fromEntries(options);
}
