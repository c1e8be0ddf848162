export { journalPrint, type Log, log } from './journal';
export { type ListenFd, listenFds } from './listen-fds';
export {
  barrier,
  type Descriptor,
  extendTimeout,
  notify,
  ready,
  reloading,
  removeDescriptors,
  type StoreOptions,
  sendState,
  sendStatus,
  stopping,
  storeDescriptors,
  watchdog,
} from './notify';
export { startWatchdogMode, stopWatchdogMode, watchdogInterval } from './watchdog';
