/** Where a field of a C structure lies, in bytes. */
export interface FieldLayout {
  readonly offset: number;
  readonly size: number;
}

/** How a C structure lies in memory; its fields have the names of the header. */
export type StructLayout<Field extends string, Optional extends string = never> = {
  readonly size: number;
  readonly alignment: number;
} & { readonly [Name in Field]: FieldLayout } & { readonly [Name in Optional]?: FieldLayout };

/** The structures that lie otherwise on another platform. */
export interface Layouts {
  /** Its size is where the data begin; the next one begins at a multiple of its alignment. */
  readonly cmsghdr: StructLayout<'cmsg_len' | 'cmsg_level' | 'cmsg_type'>;
  readonly group_req: StructLayout<'gr_interface' | 'gr_group'>;
  readonly in_pktinfo: StructLayout<'ipi_ifindex' | 'ipi_addr', 'ipi_spec_dst'>;
  readonly ip_mreq_source: StructLayout<'imr_multiaddr' | 'imr_interface' | 'imr_sourceaddr'>;
  readonly linger: StructLayout<'l_onoff' | 'l_linger'>;
  readonly pollfd: StructLayout<'fd' | 'events' | 'revents'>;
  readonly sockaddr: StructLayout<'sa_family', 'sa_len'>;
  /** Where it is Bluetooth's own elsewhere than on Linux, whose header is in no C library. */
  readonly sockaddr_rc?: StructLayout<'rc_bdaddr' | 'rc_channel'>;
  readonly sockaddr_un: StructLayout<'sun_path'>;
  readonly timespec: StructLayout<'tv_sec' | 'tv_nsec'>;
  readonly timeval: StructLayout<'tv_sec' | 'tv_usec'>;
  readonly ucred: StructLayout<'pid' | 'uid' | 'gid'>;
}
