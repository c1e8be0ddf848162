// Pings and traces a route by net-ping: `node net-ping.mjs PATH PINGS AT_ONCE`, with the path of net-ping. Whatever it is sent, it
// answers with what it found and how many seconds the pings took. It is made of callbacks only: after those of the addon nobody
// does what promises have to do.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const [, , path, count, atOnce] = process.argv;

function pings(session, target, done) {
  let begun = 0;
  let ended = 0;
  const next = () => {
    if (begun === Number(count)) return;
    begun++;
    session.pingHost(target, (error) => {
      if (error) throw error;
      if (++ended === Number(count)) done();
      else next();
    });
  };
  for (let index = 0; index < atOnce; index++) next();
}

function trace(session, target, done) {
  const hops = [];
  const hop = (error, _target, ttl) => void hops.push([ttl, error?.source ?? target]);
  session.traceRoute(target, { ttl: 8 }, hop, (error) => {
    if (error) throw error;
    done(hops);
  });
}

const { createSession, NetworkProtocol } = require(path);
// They stay open: the addon ends the process when a socket is collected that was closed.
const session = createSession({ timeout: 5000, packetSize: 64 });
const session6 = createSession({ timeout: 5000, networkProtocol: NetworkProtocol.IPv6 });
const short = createSession({ timeout: 5000, ttl: 1 });

process.on('message', () => {
  const begin = performance.now();
  pings(session, '10.9.2.3', () => {
    pings(session6, 'fd09:2::3', () => {
      const seconds = (performance.now() - begin) / 1000;
      trace(session, '10.9.2.3', (route) => {
        short.pingHost('10.9.2.3', (error) => {
          process.send({ seconds, route, failure: `${error?.constructor.name} ${error?.source}` });
        });
      });
    });
  });
});
