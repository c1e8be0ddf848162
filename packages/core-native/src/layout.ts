import { native } from './native';
import type { FieldLayout, Layouts } from './struct-layout';

const at = (offset: number, size: number): FieldLayout => ({ offset, size });

/** What stands in where there is no addon, or none of a structure, so that packages import: those of a 64-bit Linux. */
const ASSUMED: Layouts = {
  cmsghdr: { size: 16, alignment: 8, cmsg_len: at(0, 8), cmsg_level: at(8, 4), cmsg_type: at(12, 4) },
  group_req: { size: 136, alignment: 8, gr_interface: at(0, 4), gr_group: at(8, 128) },
  in_pktinfo: { size: 12, alignment: 4, ipi_ifindex: at(0, 4), ipi_spec_dst: at(4, 4), ipi_addr: at(8, 4) },
  ip_mreq_source: {
    size: 12,
    alignment: 4,
    imr_multiaddr: at(0, 4),
    imr_interface: at(4, 4),
    imr_sourceaddr: at(8, 4),
  },
  linger: { size: 8, alignment: 4, l_onoff: at(0, 4), l_linger: at(4, 4) },
  pollfd: { size: 8, alignment: 4, fd: at(0, 4), events: at(4, 2), revents: at(6, 2) },
  sockaddr: { size: 16, alignment: 2, sa_family: at(0, 2) },
  sockaddr_un: { size: 110, alignment: 2, sun_path: at(2, 108) },
  timespec: { size: 16, alignment: 8, tv_sec: at(0, 8), tv_nsec: at(8, 8) },
  timeval: { size: 16, alignment: 8, tv_sec: at(0, 8), tv_usec: at(8, 8) },
  ucred: { size: 12, alignment: 4, pid: at(0, 4), uid: at(4, 4), gid: at(8, 4) },
};

/** How this platform's structures lie in memory, as the compiler of the addon measured them. */
export const layout: Layouts = { ...ASSUMED, ...native.layout };
