import { AF_UNIX, int32, native, OSError, osError, SOCK_STREAM } from '@bsd-sockets/core-native';
import { EAI_NONAME } from '@bsd-sockets/core-native/constants';

const fd = native.socket(AF_UNIX, SOCK_STREAM, 0, 0);
if (fd < 0) throw osError(fd, { syscall: 'socket' });
native.close(fd);
const error = osError(-9, { syscall: 'close' });
console.log(int32('fd', fd) > 2, error instanceof OSError, error.code, EAI_NONAME);
