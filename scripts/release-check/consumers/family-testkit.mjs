import { codecConformance } from '@bsd-sockets/family-testkit';
import { AF_UNIX, familyOf } from '@bsd-sockets/socket';

const checks = codecConformance({
  family: familyOf(AF_UNIX),
  accepted: [['/tmp/name', '/tmp/name']],
  refused: [['a\0b', { code: 'ERR_INVALID_ARG_VALUE', message: /^address: / }]],
});
for (const { run } of checks) await run();
console.log(checks.length > 1);
