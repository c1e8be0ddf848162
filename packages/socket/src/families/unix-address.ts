/** A path (bytes that are not UTF-8 as lone surrogates), `''` for an unnamed socket, or an abstract name's bytes. */
export type UnixAddress = string | Buffer;

/** What is taken for one: a path, or an abstract name with its leading NUL, as text or bytes; `''` for any free name. */
export type UnixAddressLike = string | Uint8Array;
