declare const addresses: unique symbol;

/**
 * The number of an address family, which carries the type of its addresses: `new Socket(AF_INET)` knows by it what its
 * `bind` takes and what its `getsockname` returns.
 *
 * @typeParam Address - What the family's addresses come out as.
 * @typeParam Accepted - What is taken for one, which may be more.
 */
export type AddressFamily<Address, Accepted = Address> = number & {
  readonly [addresses]: { readonly address: Address; readonly accepted: Accepted };
};

/** What addresses of the family `F` come out as. A number without a type gives `any`. */
export type AddressOf<F> = F extends { readonly [addresses]: { readonly address: infer Address } } ? Address : any;

/** What is taken as an address of the family `F`. A number without a type gives `any`. */
export type AcceptedAddressOf<F> = F extends { readonly [addresses]: { readonly accepted: infer Accepted } }
  ? Accepted
  : any;
