import { barrier, listenFds, ready } from '@bsd-sockets/sd-notify';

console.log(ready(), await barrier(), listenFds());
