#pragma once

#include "binding.h"

// Descriptors with the events that each is watched for, as long as they last: kqueue(2), which
// tells of a descriptor at each wait until it is not ready any more.

namespace bsd_sockets {

// The selector's descriptor, which becomes readable when there is something to tell.
int64_t OpenSelector(Environment& environment);

// Adds a descriptor with its events (kReadable, kWritable), changes these, or with none takes it
// out. There are no exclusive waits: of several sets that have a descriptor each is told.
int64_t ChangeSelector(Environment& environment, int fd, int member, int events, int is_new);

// Waits until any is ready: how many pairs of descriptor and events are in `ready`, which is an
// array of 32-bit integers; 0 when the time is over.
int64_t WaitSelector(Environment& environment, int fd, Bytes ready, double timeout);

}  // namespace bsd_sockets
