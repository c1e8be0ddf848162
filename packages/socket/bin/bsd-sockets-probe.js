#!/usr/bin/env node
// Prints what this host's kernel offers, for reports of bugs.
console.log(require('@bsd-sockets/socket').probeReport());
