export { UServer, type UServerEvents, type UServerOptions } from './server';
export { type Message, type Received, USocket, type USocketOptions } from './socket';
