// Checked only by the compiler: what sockets return as addresses.

/** A socket of either face. */
interface Addressed {
  getsockname(): unknown;
  getpeername(): unknown;
  accept(): unknown;
  recvfrom(bufsize: number): unknown;
  recvfromInto(buffer: Buffer): unknown;
  recvmsg(bufsize: number): unknown;
}

type Element<List, Index extends keyof any> = Index extends keyof Awaited<List> ? Awaited<List>[Index] : never;

/** Whether two types are the same: `any` is the same only as `any`. */
// biome-ignore format: it would take away parentheses that count
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Whether each address in what a socket returns is `A`; a sender may have none. */
type All<S extends Addressed, A> = [
  Same<ReturnType<S['getsockname']>, A>,
  Same<ReturnType<S['getpeername']>, A>,
  Same<Element<ReturnType<S['accept']>, 1>, A>,
  Same<Element<ReturnType<S['recvfrom']>, 1>, A | undefined>,
  Same<Element<ReturnType<S['recvfromInto']>, 1>, A | undefined>,
  Same<Element<ReturnType<S['recvmsg']>, 3>, A | undefined>,
];

/** `addresses<A>().of(socket)` is an error of the compiler unless all addresses that the socket returns are `A`. */
export declare function addresses<A>(): {
  of<S extends Addressed>(
    socket: S,
    ...other: All<S, A> extends [true, true, true, true, true, true] ? [] : [other: All<S, A>]
  ): S;
};

/** `exactly<A>()(value)` is an error of the compiler unless the value's type is `A`. */
export declare function exactly<A>(): <B>(value: B, ...other: Same<A, B> extends true ? [] : [other: B]) => void;
